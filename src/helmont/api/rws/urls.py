from django.urls import path

from helmont.api.rws.views import rws

app_name = "rws"
urlpatterns = [path("<path:path>", rws, name="rws")]
