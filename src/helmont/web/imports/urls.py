"""``/studies/<study>/imports…``: trial data of other systems."""

from django.urls import path

from helmont.web.imports import data

app_name = "imports"
urlpatterns = [
    path("imports", data.listing, name="listing"),
    path("imports/<str:token>", data.draft, name="draft"),
]
