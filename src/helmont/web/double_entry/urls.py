"""Addresses of double data entry."""

from django.urls import path

from helmont.web.double_entry import deciding, views

app_name = "double_entry"
urlpatterns = [
    path("double-entry", views.worklist, name="worklist"),
    path("double-entry/<str:number>/LOG/<str:form>/<str:line>", deciding.adjudicate_line, name="adjudicate-line"),
    path("double-entry/<str:number>/<str:encounter>/<str:form>", deciding.adjudicate, name="adjudicate"),
]
