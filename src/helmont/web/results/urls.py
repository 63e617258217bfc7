"""``/studies/<study>/results/``."""

from django.urls import path

from helmont.web.results import views

app_name = "results"

urlpatterns = [
    path("", views.index, name="index"),
    path("<str:number>/", views.output, name="output"),
    path("<str:number>/behind", views.behind, name="behind"),
    path("<str:number>/file/<str:kind>", views.download, name="download"),
]
