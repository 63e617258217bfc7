"""``/studies/<study>/listings/``: kept listings, one listing, queries raised from it; reports of what is missing or late."""

from django.urls import path

from helmont.web.listings import asking, python, reports, views, workbench

app_name = "listings"

urlpatterns = [
    path("listings/", views.index, name="index"),
    path("listings/rows", views.rows, name="rows"),
    path("listings/rows.csv", views.download, name="download"),
    path("listings/keep", views.keep, name="keep"),
    path("listings/remove", views.remove, name="remove"),
    path("workbench/", workbench.snapshots, name="snapshots"),
    path("workbench/<str:number>", workbench.snapshot, name="snapshot"),
    path("workbench/<str:number>/python", python.python, name="python"),
    path("workbench/<str:number>/python/worker.js", python.worker, name="worker"),
    path("workbench/<str:number>/answer", python.answer, name="answer"),
    path("workbench/<str:number>/file", workbench.download, name="snapshot_file"),
    path("workbench/<str:number>/notebook", workbench.notebook_file, name="notebook"),
    path("reports/missing", reports.missing, name="missing"),
    path("reports/overdue", reports.overdue, name="overdue"),
    path("reports/ageing", reports.ageing, name="ageing"),
    path("listings/queries", asking.ask, name="ask"),
    path("listings/queries/<str:job>", asking.progress_of, name="progress"),
]
