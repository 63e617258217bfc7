"""``/sign/``: the signature ceremony."""

from django.urls import path

from helmont.core.signatures import views

app_name = "signatures"

urlpatterns = [
    path("begin/", views.begin, name="begin"),
    path("complete/", views.complete, name="complete"),
]
