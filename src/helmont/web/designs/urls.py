"""``/designs/``."""

from django.urls import path

from helmont.web.designs import views

app_name = "designs"

urlpatterns = [
    path("", views.workbench, name="workbench"),
    path("file", views.download, name="download"),
]
