"""Addresses of exports."""

from django.urls import path

from helmont.web.exports import views

app_name = "exports"
urlpatterns = [
    path("exports", views.exports, name="exports"),
    path("exports/<uuid:job>", views.download, name="download"),
]
