"""``/studies/<study>/cuts/``."""

from django.urls import path

from helmont.web.cuts import views

app_name = "cuts"

urlpatterns = [
    path("", views.index, name="index"),
    path("compare", views.compare_two, name="compare"),
    path("compare/file", views.download, name="download"),
    path("<str:number>/", views.cut, name="cut"),
    path("<str:number>/checkpoint", views.checkpoint, name="checkpoint"),
]
