"""Every address of the application, in one place."""

from django.urls import include, path

from helmont.api.urls import api
from helmont.web.people.profile import not_offered

urlpatterns = [
    path(
        "accounts/email/", not_offered, name="email_not_offered"
    ),  # an address is changed by an administrator, as an action
    path("accounts/", include("allauth.urls")),
    path("sign/", include("helmont.core.signatures.urls")),
    path("api/v1/", api.urls),
    path("redcap/", include("helmont.api.redcap.urls")),
    path("RaveWebServices/", include("helmont.api.rws.urls")),
    path("", include("helmont.web.urls")),
]
