"""Addresses of the pages. The particular come first: a form's address has any two names after the participant."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from helmont.web.language import set_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", set_language, name="set_language"),
    path("", include("helmont.web.studies.urls")),
    path("studies/<str:study>/", include("helmont.web.casebooks.urls")),
    path("studies/<str:study>/", include("helmont.web.worklist.urls")),
    path("studies/<str:study>/", include("helmont.web.audit.urls")),
    path("studies/<str:study>/", include("helmont.web.privacy.urls")),
    path("studies/<str:study>/ledger/", include("helmont.web.ledger.urls")),
]
if find_spec("helmont.web.people.urls"):
    urlpatterns.append(path("people/", include("helmont.web.people.urls")))
if find_spec("helmont.web.entry") and find_spec("helmont.web.entry.urls"):
    urlpatterns.append(path("", include("helmont.web.entry.urls")))
