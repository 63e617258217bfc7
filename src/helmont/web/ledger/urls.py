"""``/studies/<study>/ledger/``: checkpoints, single entries with their proof, the verifier and the export."""

from django.urls import path

from helmont.web.ledger import views

app_name = "ledger"

urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("checkpoint.txt", views.checkpoint, name="checkpoint"),
    path("key.txt", views.key, name="key"),
    path("verifier.py", views.verifier_file, name="verifier"),
    path("export", views.export_page, name="export"),
    path("entries/<int:sequence>", views.entry, name="entry"),
    path("entries/<int:sequence>/proof.json", views.proof, name="proof"),
]
