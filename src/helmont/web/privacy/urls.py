"""``/studies/<study>/…``: a participant's identity, and for the privacy officer redactions and looks at identities."""

from django.urls import path

from helmont.web.privacy import identities, redactions

app_name = "privacy"
IDENTITY = "participants/<str:number>/identity"

urlpatterns = [
    path(IDENTITY, identities.identity, name="identity"),
    path(f"{IDENTITY}/change", identities.change, name="change"),
    path(f"{IDENTITY}/erase", identities.erase, name="erase"),
    path("redactions", redactions.overview, name="redactions"),
    path("redactions/entries/<int:sequence>", redactions.choose, name="choose"),
    path("redactions/new", redactions.redact, name="redact"),
]
