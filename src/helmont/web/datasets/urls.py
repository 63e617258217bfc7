"""``/studies/<study>/datasets/``."""

from django.urls import path

from helmont.web.datasets import findings, rows, views

app_name = "datasets"

urlpatterns = [
    path("", views.index, name="index"),
    path("findings", findings.index, name="findings"),
    path("findings/counts", findings.summary, name="finding_counts"),
    path("reaches", rows.reaches, name="reaches"),
    path("reaches/figures", rows.figures, name="figures"),
    path("<str:dataset>/", views.dataset, name="dataset"),
    path("<str:dataset>/file/<str:kind>", views.download, name="download"),
    path("<str:dataset>/<str:participant>/<int:number>", rows.row, name="row"),
]
