"""``/studies/<study>/…``: the casebook matrix, one participant's casebook and what is done there."""

from django.urls import path

from helmont.web.casebooks import bulk, doing, views

app_name = "casebooks"
PARTICIPANT = "participants/<str:number>/"

urlpatterns = [
    path("casebooks", views.matrix_page, name="matrix"),
    path("casebooks/do/forms", bulk.step, name="step"),
    path("casebooks/do/forms/<str:job>", bulk.standing, name="standing"),
    path("casebooks/do/undo", bulk.undo, name="undo"),
    path("casebooks/new", doing.screen, name="screen"),
    path(PARTICIPANT, views.participant, name="participant"),
    path(f"{PARTICIPANT}do/status", doing.status, name="status"),
    path(f"{PARTICIPANT}do/begin/<str:encounter>", doing.begin, name="begin"),
    path(f"{PARTICIPANT}do/miss/<str:encounter>", doing.miss, name="miss"),
    path(f"{PARTICIPANT}do/extra/<str:encounter>", doing.extra, name="extra"),
]
