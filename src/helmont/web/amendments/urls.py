"""``/studies/<study>/amendments/…``: plans, their impact, the run, and values without a place."""

from django.urls import path

from helmont.web.amendments import values, views

app_name = "amendments"

urlpatterns = [
    path("", views.amendments, name="list"),
    path("values", values.kept_values, name="values"),
    path("values/<str:number>/<str:name>", values.kept_value, name="value"),
    path("<str:number>/", views.amendment, name="amendment"),
    path("<str:number>/difference", views.difference, name="difference"),
    path("<str:number>/participants", views.participants, name="participants"),
    path("<str:number>/participants/<str:participant>", views.participant, name="participant"),
]
