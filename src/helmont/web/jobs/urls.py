"""Address of a long job's progress."""

from django.urls import path

from helmont.web.jobs import views

app_name = "jobs"
urlpatterns = [path("<uuid:job>/", views.progress_of, name="progress")]
