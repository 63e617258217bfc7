"""``/studies/<study>/verification``: what is due to be compared with its source, and the plan that says so."""

from django.urls import path

from helmont.web.verification import plan, views

app_name = "verification"

urlpatterns = [
    path("verification", views.due, name="due"),
    path("verification/plan", plan.plan, name="plan"),
]
