"""``/dictionaries/``: those of the installation, and bringing another."""

from django.urls import path

from helmont.web.coding import administration

app_name = "dictionaries"

urlpatterns = [
    path("", administration.dictionaries, name="dictionaries"),
    path("new/", administration.bring, name="bring"),
    path("new/<str:upload>/", administration.check, name="check"),
]
