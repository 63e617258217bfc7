"""Addresses of double data entry."""

from django.urls import path

from helmont.web.double_entry import views

app_name = "double_entry"
urlpatterns = [
    path("double-entry", views.worklist, name="worklist"),
    path("double-entry/<str:number>/<str:encounter>/<str:form>", views.adjudicate, name="adjudicate"),
]
