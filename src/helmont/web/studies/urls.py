"""``/`` the studies; ``/studies/<study>/`` one study's overview, its definition and its stream of events."""

from django.urls import path

from helmont.web.studies import checks, definition, review, stream, views

app_name = "studies"

urlpatterns = [
    path("", views.studies, name="list"),
    path("studies/<str:study>/", views.home, name="home"),
    path("studies/<str:study>/events", stream.events, name="events"),
    path("studies/<str:study>/definition/", definition.definition, name="definition"),
    path("studies/<str:study>/definition/checks/", checks.checks, name="checks"),
    path("studies/<str:study>/definition/review/", review.review, name="review"),
    path("studies/<str:study>/definition/file/<str:kind>", definition.download, name="file"),
    path("studies/<str:study>/definition/form/<str:form>", definition.form, name="form"),
]
