"""The audit trail of a participant, and of a study."""

from django.urls import path

from helmont.web.audit import views

app_name = "audit"

urlpatterns = [
    path("audit", views.study_trail, name="study"),
    path("participants/<str:number>/audit", views.participant_trail, name="participant"),
]
