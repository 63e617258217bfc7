"""``/studies/<study>/verification``: what is due to be compared with its source, and the plan that says so."""

from django.urls import path

from helmont.web.verification import editor, plan, sources, views

app_name = "verification"

urlpatterns = [
    path("verification", views.due, name="due"),
    path("verification/plan", plan.plan, name="plan"),
    path("verification/plan/edit", editor.edit, name="edit"),
    path("verification/plan/file", plan.download, name="plan-file"),
    path("sources", sources.copies, name="sources"),
    path("participants/<str:number>/do/source", sources.offer, name="offer"),
    path("sources/<str:number>/<str:copy>", sources.compare, name="compare"),
    path("sources/<str:number>/<str:copy>/file", sources.source_file, name="source-file"),
]
