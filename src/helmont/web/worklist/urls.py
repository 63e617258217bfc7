"""``/studies/<study>/queries``: the worklist, one thread, and the list as CSV."""

from django.urls import path

from helmont.web.worklist import views

app_name = "worklist"

urlpatterns = [
    path("queries", views.queries, name="queries"),
    path("queries.csv", views.download, name="download"),
    path("queries/<str:number>/<str:query>", views.thread, name="thread"),
]
