"""``/designs/``."""

from django.urls import path

from helmont.web.designs import kinds, views

app_name = "designs"

urlpatterns = [
    path("", views.workbench, name="workbench"),
    path("file", views.download, name="download"),
    path("all/", kinds.index, name="all"),
    path("<str:kind>/", kinds.kind_page, name="kind"),
    path("<str:kind>/part/<int:place>", kinds.part, name="part"),
    path("<str:kind>/appendix", kinds.appendix, name="appendix"),
]
