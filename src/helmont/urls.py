"""Every address of the application, in one place."""

from django.urls import include, path

from helmont.api.urls import api

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
    path("", include("helmont.web.urls")),
]
