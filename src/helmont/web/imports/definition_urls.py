"""``/definitions/new/``: bringing a study definition of another system."""

from django.urls import path

from helmont.web.imports import definitions

app_name = "definitions"
urlpatterns = [
    path("new/", definitions.bring, name="bring"),
    path("new/<str:token>/", definitions.draft, name="draft"),
]
