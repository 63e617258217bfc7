"""Reading kept listings, limited to what the person may see."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.listings.models import Listing


def listings_for(actor: Actor, study: str, today: date, kind: str = "form") -> list[Listing]:
    """The person's own listings and those shared with the study, by title; raises ``NotFound``."""
    if not actor.places("listing.read", study, today):
        raise NotFound(study)
    mine = Q(owner=actor.handle) | Q(shared=True)
    return list(Listing.objects.filter(mine, study=study, kind=kind, removed=False).order_by("title", "key"))


def listing_for(actor: Actor, key: str, today: date) -> Listing:
    """One kept listing; raises ``NotFound``."""
    study = key.split("/", 1)[0]
    for kind in ("form", "sql"):
        for each in listings_for(actor, study, today, kind):
            if each.key == key:
                return each
    raise NotFound(key)
