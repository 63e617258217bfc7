"""Addresses of data entry."""

from django.urls import path

from helmont.web.entry import files, views

app_name = "entry"

_PARTICIPANT = "studies/<str:study>/participants/<str:number>"

urlpatterns = [
    path(f"{_PARTICIPANT}/LOG/<str:form>/", views.log, name="log"),
    path(f"{_PARTICIPANT}/LOG/<str:form>/<str:line>", views.line, name="line"),
    path(f"{_PARTICIPANT}/LOG/<str:form>/<str:line>/history", views.line_history, name="line-history"),
    path(f"{_PARTICIPANT}/<str:encounter>/<str:form>", views.form, name="form"),
    path(f"{_PARTICIPANT}/<str:encounter>/<str:form>/history", views.form_history, name="form-history"),
    path("studies/<str:study>/files", files.upload, name="upload"),
    path("studies/<str:study>/files/<str:digest>", files.download, name="file"),
]
