"""The public API: one ``NinjaAPI`` over the same actions and queries as the pages."""

from __future__ import annotations

from helmont.api import bulk, forms, ledger, participants, provenance, queries, snapshots, studies, transcriptions
from helmont.api.auth import Bearer, Session
from helmont.api.gateway import Gateway

api = Gateway(auth=[Bearer(), Session()])
api.add_router("/forms", forms.router)
api.add_router("/forms", provenance.router)
api.add_router("/transcriptions", transcriptions.router)
api.add_router("/queries", queries.router)
api.add_router("/participants", participants.router)
api.add_router("/bulk", bulk.router)
api.add_router("/studies", studies.router)
api.add_router("/studies", snapshots.router)
api.add_router("/ledger", ledger.router)
