"""The addresses that these tests drive: sign-in and the ceremony."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def home(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


urlpatterns = [
    path("", home),
    path("accounts/", include("allauth.urls")),
    path("sign/", include("helmont.core.signatures.urls")),
    path("people/", include("helmont.web.people.urls")),
]
