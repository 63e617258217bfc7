"""Addresses of the pages. The particular come first: a form's address has any two names after the participant."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import TemplateView

from helmont.web.language import set_language

urlpatterns: list[URLPattern | URLResolver] = [
    path("language/", set_language, name="set_language"),
    path("people/", include("helmont.web.people.urls")),
    path("dictionaries/", include("helmont.web.coding.installation_urls")),
    path("definitions/", include("helmont.web.imports.definition_urls")),
    path("designs/", include("helmont.web.designs.urls")),
    path("jobs/", include("helmont.web.jobs.urls")),
    path("", include("helmont.web.studies.urls")),
    path("studies/<str:study>/", include("helmont.web.casebooks.urls")),
    path("studies/<str:study>/", include("helmont.web.paper.urls")),
    path("studies/<str:study>/", include("helmont.web.double_entry.urls")),
    path("studies/<str:study>/", include("helmont.web.worklist.urls")),
    path("studies/<str:study>/", include("helmont.web.verification.urls")),
    path("studies/<str:study>/", include("helmont.web.locks.urls")),
    path("studies/<str:study>/", include("helmont.web.coding.urls")),
    path("studies/<str:study>/", include("helmont.web.labs.urls")),
    path("studies/<str:study>/", include("helmont.web.devices.urls")),
    path("studies/<str:study>/", include("helmont.web.listings.urls")),
    path("studies/<str:study>/", include("helmont.web.audit.urls")),
    path("studies/<str:study>/", include("helmont.web.exports.urls")),
    path("studies/<str:study>/", include("helmont.web.imports.urls")),
    path("studies/<str:study>/", include("helmont.web.privacy.urls")),
    path("studies/<str:study>/ledger/", include("helmont.web.ledger.urls")),
    path("studies/<str:study>/datasets/", include("helmont.web.datasets.urls")),
    path("studies/<str:study>/results/", include("helmont.web.results.urls")),
    path("studies/<str:study>/cuts/", include("helmont.web.cuts.urls")),
    path("studies/<str:study>/live/", include("helmont.web.oversight.urls")),
    path("studies/<str:study>/amendments/", include("helmont.web.amendments.urls")),
    path("", include("helmont.web.entry.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("design/", TemplateView.as_view(template_name="web/gallery.html"), name="gallery"))
