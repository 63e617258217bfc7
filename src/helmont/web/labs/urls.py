"""``/studies/<study>/labs…``: results, alerts, reference ranges and imports; a participant's results."""

from django.urls import path

from helmont.web.labs import alerts, imports, ranges, results

app_name = "labs"

urlpatterns = [
    path("labs", results.listing, name="results"),
    path("labs/alerts", alerts.listing, name="alerts"),
    path("labs/alerts/acknowledge", alerts.acknowledge, name="acknowledge"),
    path("labs/ranges", ranges.listing, name="ranges"),
    path("labs/ranges/new", ranges.add, name="add_range"),
    path("labs/ranges/upload", ranges.upload, name="upload_ranges"),
    path("labs/ranges/<str:laboratory>/<str:analyte>/<int:number>", ranges.one, name="range"),
    path("labs/ranges/<str:laboratory>/<str:analyte>/<int:number>/correct", ranges.correct, name="correct_range"),
    path("labs/laboratories/new", ranges.laboratory, name="laboratory"),
    path("labs/imports", imports.listing, name="imports"),
    path("labs/imports/<str:token>", imports.draft, name="draft"),
    path("participants/<str:number>/labs", results.participant, name="participant"),
]
