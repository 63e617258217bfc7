from django.http import HttpResponse
from django.urls import path
app_name = "audit"
urlpatterns = [path("audit", lambda r, study: HttpResponse(""), name="study"), path("participants/<str:number>/audit", lambda r, study, number: HttpResponse(""), name="participant")]
