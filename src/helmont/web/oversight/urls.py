"""``/studies/<study>/live/``."""

from django.urls import path

from helmont.web.oversight import views

app_name = "oversight"

urlpatterns = [path("", views.live, name="live")]
