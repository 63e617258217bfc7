"""``/studies/<study>/locks`` and ``/checklist``: what is frozen and locked, and what is left before the study can be."""

from django.urls import path

from helmont.web.locks import checklist, views

app_name = "locks"

urlpatterns = [
    path("locks", views.locks, name="locks"),
    path("participants/<str:number>/do/items/<path:form>", views.items, name="items"),
    path("checklist", checklist.page, name="checklist"),
    path("checklist/ledger", checklist.verify, name="verify"),
    path("checklist/<str:name>", checklist.listing, name="listing"),
]
