"""Addresses of casebooks on paper and certified copies."""

from django.urls import path

from helmont.web.paper import views

app_name = "paper"
urlpatterns = [
    path("participants/<str:number>/do/casebook", views.document, name="document"),
    path("copies", views.copies, name="copies"),
    path("copies/<uuid:job>", views.download, name="download"),
]
