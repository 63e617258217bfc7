"""The addresses that these tests drive: sign-in, people and the ceremony, without the rest of the application."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from helmont.web.people.profile import not_offered


def home(_request: HttpRequest, **_place: str) -> HttpResponse:
    return HttpResponse("home")


studies = ([path("", home, name="list"), path("<str:study>/", home, name="home")], "studies")

urlpatterns = [
    path("", home),
    path("accounts/email/", not_offered),
    path("accounts/", include("allauth.urls")),
    path("sign/", include("helmont.core.signatures.urls")),
    path("people/", include("helmont.web.people.urls")),
    path("studies/", include(studies)),
]
