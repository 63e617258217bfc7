"""Participants as subjects: the list, with their standing where it is asked for."""

from __future__ import annotations

from collections import defaultdict
from uuid import NAMESPACE_URL, uuid5

from helmont.api.rws.call import Call, version_number
from helmont.api.rws.xml import MDSOL, XLINK, clinical, document, mark, text
from helmont.core.errors import Fault, Invalid, NotFound
from helmont.edc.models import Form, Query
from helmont.edc.queries.privacy import hidden_from
from helmont.participants.models import Participant
from helmont.participants.queries import participants_for
from helmont.standards.odm.xml import add
from helmont.studies.models import Study

INCLUDED = {"": (), "inactive": (), "deleted": ("removed",), "inactiveAndDeleted": ("removed",)}


def uuid_of(participant: Participant) -> str:
    """The same for the same participant at all times, and no secret."""
    return str(uuid5(NAMESPACE_URL, f"helmont:{participant.key}")).upper()


def subjects(
    call: Call, study: Study, permission: str = "participant.view", removed: bool = False
) -> list[Participant]:
    found = participants_for(call.actor, study.key, call.today, permission)
    return list(found if removed else found.exclude(status="removed"))


def subject(call: Call, study: Study, key: str, permission: str = "form.view") -> Participant:
    """One subject by number or UUID; raises ``NotFound``."""
    for participant in subjects(call, study, permission):
        if key in (participant.number, uuid_of(participant)):
            return participant
    raise NotFound(f"subject {key[:60]}")


def list_subjects(call: Call, named: str) -> bytes:
    study = call.study(named)
    include, kind = call.query.get("include", ""), call.query.get("subjectKeyType", "SubjectName")
    if include not in INCLUDED or kind not in ("SubjectName", "SubjectUUID"):
        raise Invalid([Fault("include", "this is not known", ", ".join(filter(None, INCLUDED)))])
    root, found = document(), subjects(call, study, removed=bool(INCLUDED[include]))
    standing = _standing(call, study, found) if call.query.get("status") else {}
    for participant in found:
        data = clinical(root, study.key, version_number(study.key, participant.definition))
        key = participant.number if kind == "SubjectName" else uuid_of(participant)
        element = add(data, "SubjectData", SubjectKey=key)
        if kind == "SubjectUUID":
            mark(element, SubjectName=participant.number, SubjectKeyType=kind)
        if participant.status == "removed":
            mark(element, SubjectActive="No", Deleted="Yes")
        for name, holds in standing.get(participant.key, {}).items():
            mark(element, **{name: "Yes" if holds else "No"})
        site = add(element, "SiteRef", LocationOID=participant.site)
        mark(site, StudyEnvSiteNumber=participant.site)
        if call.query.get("links"):
            link = add(element, "Link")
            link.tag = f"{MDSOL}Link"
            link.set(f"{XLINK}type", "simple")
            link.set(f"{XLINK}href", f"{call.address}/studies/{study.key}/participants/{participant.number}/")
    return text(root)


def _standing(call: Call, study: Study, found: list[Participant]) -> dict[str, dict[str, bool]]:
    """The properties that the forms and queries of a participant say something of."""
    keys = {participant.key for participant in found}
    forms: dict[str, list[Form]] = defaultdict(list)
    for form in Form.objects.filter(study=study.key).defer("data", "verified", "reviewed"):
        forms[form.participant_id].append(form)
    queries = Query.objects.filter(study=study.key)
    if (hidden := hidden_from(call.actor, study.key, call.today)) is not None:
        queries = queries.exclude(hidden)
    asked: dict[str, set[str]] = defaultdict(set)
    for participant, status in queries.values_list("participant_id", "status"):
        asked[participant].add(status)
    return {
        key: {
            "Touched": bool(forms[key]),
            "Empty": not forms[key],
            "Incomplete": any(form.status == "draft" for form in forms[key]),
            "Frozen": _all(forms[key], "lock", {"frozen", "locked"}),
            "Locked": _all(forms[key], "lock", {"locked"}),
            "Signed": _all(forms[key], "signed", {"valid", "broken"}),
            "SignatureCurrent": _all(forms[key], "signed", {"valid"}),
            "RequiresAnswerQuery": "open" in asked[key],
            "RequiresCloseQuery": "answered" in asked[key],
        }
        for key in keys
    }


def _all(forms: list[Form], column: str, values: set[str]) -> bool:
    return bool(forms) and all(getattr(form, column) in values for form in forms)
