"""Which queries and comments a person must not see because they are about items under a privilege."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from helmont.core.permissions import Actor
from helmont.edc.items import privileges
from helmont.participants.queries import in_places
from helmont.studies.models import Definition
from helmont.studies.queries import compiled


def guarded(study: str) -> dict[tuple[str, str], set[str]]:
    """Form and item id -> the privileges that any published version of the study puts the item under."""
    found: dict[tuple[str, str], set[str]] = {}
    for version in Definition.objects.filter(study=study).values_list("version", flat=True):
        for name, form in compiled(study, version).forms.items():
            for item, privilege in privileges(form).items():
                found.setdefault((name, item), set()).add(privilege)
    return found


def hidden_from(actor: Actor, study: str, today: date) -> Q | None:
    """The condition on rows (with ``form``, ``item``, ``site`` …) that the person must not see; None: there are none.

    An item that any published version of the study puts under a privilege stays under it.
    """
    private: dict[str, set[tuple[str, str]]] = {}
    for (name, item), held in guarded(study).items():
        for privilege in held:
            private.setdefault(privilege, set()).add((name, item))
    hidden: Q | None = None
    for privilege, items in private.items():
        places = in_places(actor, f"{privilege}.read", study, today)
        about = Q()
        for form_id, item in sorted(items):
            about |= Q(form__regex=rf"/{form_id}(/[0-9]+)?$", item__regex=rf"(^|\.){item}$")
        outside = about if places is None else about & ~places
        hidden = outside if hidden is None else hidden | outside
    return hidden
