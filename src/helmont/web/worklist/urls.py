from django.http import HttpResponse
from django.urls import path
app_name = "worklist"
urlpatterns = [path("queries", lambda r, study: HttpResponse(""), name="queries")]
