"""Reading amendments, their impact on participants, and values without a place; only what the person may see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, QuerySet

from helmont.amendments.models import Amendment, AmendmentPlan, KeptValue, Migration
from helmont.core.errors import NotFound
from helmont.core.permissions import Actor
from helmont.participants.models import Participant
from helmont.participants.queries import in_places, participants_for, scope_of
from helmont.studies.models import Site


def hidden_records(participant: Participant, hidden: frozenset[str]) -> Iterable[str]:
    """Kept values of a participant under a privilege that the reader lacks, as records (``edc.queries.audit``)."""
    keys = KeptValue.objects.filter(participant=participant, privilege__in=hidden).values_list("key", flat=True)
    return (f"kept_value:{key}" for key in keys)


def amendments_of(study: str) -> list[Amendment]:
    """Every amendment of a study that the person may see, the newest first."""
    return sorted(Amendment.objects.filter(study=study), key=lambda row: -int(row.number))


def amendment_for(study: str, number: str) -> tuple[Amendment, AmendmentPlan]:
    """One amendment with the plan that counts; raises ``NotFound``. The study is one that the person may see."""
    found: Amendment | None = Amendment.objects.filter(key=f"{study}/amendments/{number}").first()
    if found is None:
        raise NotFound(f"{study} {number}")
    return found, AmendmentPlan.objects.get(key=found.plan)


def migrations_for(actor: Actor, amendment: Amendment, today: date) -> QuerySet[Migration]:
    """What the amendment means for the participants whom the person may see, by number."""
    condition = in_places(actor, "participant.view", amendment.study, today)
    found: QuerySet[Migration] = Migration.objects.filter(amendment=amendment.key).order_by("participant_id")
    return found.none() if condition is None else found.filter(condition)


def kept_values_for(actor: Actor, study: str, today: date) -> QuerySet[KeptValue]:
    """Values without a place at the person's places, those under a privilege that they lack left out."""
    condition = in_places(actor, "form.view", study, today)
    found: QuerySet[KeptValue] = KeptValue.objects.filter(study=study).order_by("key")
    if condition is None:
        return found.none()
    found = found.filter(condition)
    for privilege in ("allocation", "source"):
        places = in_places(actor, f"{privilege}.read", study, today)
        guarded = found.model._default_manager.filter(privilege=privilege)
        outside = guarded if places is None else guarded.exclude(places)
        found = found.exclude(key__in=outside.values("key"))
    return found


def kept_value_for(actor: Actor, key: str, today: date) -> KeptValue:
    """One kept value; raises ``NotFound`` when the person may not see it."""
    found = kept_values_for(actor, key.split("/", 1)[0], today).filter(key=key).first()
    if found is None:
        raise NotFound(key)
    return found


def kept_on(actor: Actor, participant: Participant, form: str, today: date) -> list[KeptValue]:
    """The kept values that were on one form (its key), decided ones included."""
    hidden = actor.hidden(scope_of(participant), today)
    return [one for one in KeptValue.objects.filter(form=form).order_by("key") if one.privilege not in hidden]


def versions_by_site(actor: Actor, study: str, today: date) -> list[tuple[Site, dict[str, int]]]:
    """How many of the person's participants are under each version, by site."""
    counts: dict[str, dict[str, int]] = {}
    rows = participants_for(actor, study, today).order_by()
    for site, version, count in rows.values_list("site", "definition").annotate(Count("key")):
        counts.setdefault(site, {})[version] = count
    sites = Site.objects.filter(study=study).order_by("number")
    return [(site, counts[site.number]) for site in sites if site.number in counts]


def in_force(places: dict[str, str], country: str, site: str) -> str:
    """From when an amendment holds at a site: its own date, its country's, or that of everywhere; "" when not yet known."""
    return places.get(site) or places.get(country) or places.get("*") or ""
