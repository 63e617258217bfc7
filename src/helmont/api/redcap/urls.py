from django.urls import path

from helmont.api.redcap.views import api

app_name = "redcap"
urlpatterns = [path("api/", api, name="api")]
