"""A USDM document as a study definition of ours."""

from __future__ import annotations

import re
from typing import Any

from babel.core import get_global

from helmont.standards.importing import Ids, Imported, finish, refused
from helmont.standards.usdm.codes import TITLES, word_for
from helmont.standards.usdm.concepts import ConceptReader
from helmont.standards.usdm.design import DesignReader
from helmont.standards.usdm.document import Thing, examine
from helmont.standards.usdm.leftovers import report_leftovers
from helmont.standards.usdm.texts import Texts
from helmont.standards.usdm.timeline import TimelineReader
from helmont.study.faults import StudyFaults
from helmont.study.model import Identifier, Study
from helmont.study.protocol import Protocol
from helmont.study.publishing import FORMAT, from_document, to_document
from helmont.study.text import Text

_SPONSOR = "C70793"
_NUMBERS = (
    ("NCT", re.compile(r"NCT\d{8}")),
    ("EU CT", re.compile(r"20\d\d-\d{6}-\d\d-\d\d")),
    ("EudraCT", re.compile(r"20\d\d-\d{6}-\d\d")),
    ("ISRCTN", re.compile(r"ISRCTN\d{8}")),
)
_PHASE = re.compile(r"Phase (.+) Trial")


def read_usdm(data: bytes, file: str) -> Imported:
    """The study of a USDM 4.0 document, with a finding for everything that was changed or left behind.

    Versions 3 are read with a warning. The first version of the study and its first design are taken.
    """
    document = examine(data, file)
    if not document.usable:
        return refused(document.findings)
    study = Thing(document, document.root["study"], "/study")
    versions = study.many("versions")
    designs = versions[0].many("studyDesigns") if versions else []
    if not designs:
        study.say("there is no study version with a design", "versions with studyDesigns", severity="error")
        return refused(document.findings)
    for what, things in (("versions", versions), ("designs", designs)):
        if len(things) > 1:
            things[1].say(f"the study has {len(things)} {what}; the first was taken", severity="warning")
    made = _study(study, versions[0], designs[0])
    report_leftovers(document)
    return finish(made, document.findings, file)


def _study(study: Thing, version: Thing, design: Thing) -> Study:
    kept = _kept(design)
    texts = Texts(tuple(kept.get("languages") or ("en",)))
    names: dict[str, str] = {}
    reader = DesignReader(design, texts, names)
    arms, epochs, objectives = reader.arms(), reader.epochs(), reader.objectives()
    timeline = TimelineReader(design, texts, names)
    encounters = timeline.encounters()
    concepts = ConceptReader(texts)
    ours = {each.id: each.text("name") for each in version.many("bcSurrogates") if each.extension("form") is not None}
    activities = timeline.activities(concepts.drafts(design.many("activities"), ours))
    protocol = Protocol(
        encounters=encounters,
        activities=activities,
        schedule=timeline.schedule(),
        epochs=epochs,
        elements=reader.elements(),
        arms=arms,
        objectives=objectives,
        estimands=reader.estimands(objectives),
        population=reader.population(),
        eligibility=reader.eligibility(),
    )
    made = Study(
        id=Ids().make(study.text("name"), study.text("label"), fallback="STUDY"),
        version=version.text("versionIdentifier") or "1",
        languages=texts.languages,
        protocol=protocol,
        forms=tuple(concepts.forms),
        codelists=tuple(concepts.codelists),
        sponsor=_sponsor(version),
        phase=_phase(design),
        countries=_countries(version),
        identifiers=_identifiers(version),
        **_titles(study, version, texts),
    )
    return _with_kept(made, version, kept, design)


def _kept(design: Thing) -> dict[str, Any]:
    """What an export of ours put beside the design: keys of a study document that USDM has no place for."""
    found = design.extension("study")
    if not isinstance(found, dict):
        return {}
    languages = found.get("languages")
    if not (isinstance(languages, list) and languages and all(isinstance(each, str) for each in languages)):
        found["languages"] = ["en"]
    return found


def _with_kept(made: Study, version: Thing, kept: dict[str, Any], design: Thing) -> Study:
    """The study with forms, codelists, checks and the rest that an export of ours kept; without them when they do not fit."""
    forms = [form for each in version.many("bcSurrogates") if isinstance(form := each.extension("form"), dict)]
    if not kept and not forms:
        return made
    document = to_document(made)
    protocol = dict(document["protocol"])
    own = kept.get("protocol")
    protocol |= own if isinstance(own, dict) else {}
    document |= {key: value for key, value in kept.items() if key not in ("protocol", "format", "forms")}
    document |= {"format": FORMAT, "protocol": protocol, "forms": [*document["forms"], *forms]}
    try:
        return from_document(document)
    except StudyFaults as faults:
        design.say(f"what an export of Helmont kept here does not fit the rest: {faults.faults[0]}", severity="error")
        return made


def _titles(study: Thing, version: Thing, texts: Texts) -> dict[str, Any]:
    found: dict[str, Text] = {}
    for thing in version.many("titles"):
        kind = word_for(TITLES, *thing.code("type"))
        if kind is None or kind in found:
            thing.say(f"the title of type {thing.code('type')[1]} was not taken over")
        elif (words := texts.maybe(thing, "text")) is not None:
            found[kind] = words
    titles: dict[str, Any] = dict(found)
    if "title" not in titles:
        title = titles.get("short_title") or texts.of(study, "label", "description", "name", fallback="Untitled")
        version.say("there is no official title; another text took its place", severity="warning", at="titles")
        titles["title"] = title
    if "acronym" in titles:
        titles["acronym"] = str(titles["acronym"])
    return titles


def _sponsor_ids(version: Thing) -> set[str]:
    by_role = {
        organization.id
        for role in version.many("roles")
        if role.code("code")[0] == _SPONSOR
        for organization in role.references("organizationIds")
    }
    by_type = {each.id for each in version.many("organizations") if each.code("type")[0] == _SPONSOR}
    return by_role or by_type


def _sponsor(version: Thing) -> str | None:
    ids = _sponsor_ids(version)
    names = [each.text("label", "name") for each in version.many("organizations") if each.id in ids]
    return names[0] if names and names[0] else None


def _identifiers(version: Thing) -> tuple[Identifier, ...]:
    sponsors, found = _sponsor_ids(version), []
    for thing in version.many("studyIdentifiers"):
        value, scope = thing.text("text"), thing.reference("scopeId")
        kept = thing.extension("type")
        shape = next((name for name, pattern in _NUMBERS if pattern.fullmatch(value)), None)
        own = "sponsor" if scope and scope.id in sponsors else None
        kind = kept if isinstance(kept, str) else own or shape or (scope.text("name", "label") if scope else "")
        if value:
            found.append(Identifier(kind or "other", value))
    return tuple(found)


def _phase(design: Thing) -> str | None:
    decode = design.code("studyPhase")[1]
    match = _PHASE.fullmatch(decode)
    return match[1] if match else decode or None


def _countries(version: Thing) -> tuple[str, ...]:
    """Countries of the sites that organisations manage, as codes of two letters (they may be given with three)."""
    aliases = get_global("territory_aliases")
    found: dict[str, None] = {}
    for organization in version.many("organizations"):
        for site in organization.many("managedSites"):
            code = site.code("country")[0].upper()
            short = code if len(code) == 2 else next(iter(aliases.get(code, [])), "")
            if re.fullmatch(r"[A-Z]{2}", short):
                found[short] = None
            else:
                site.say(f"the country {code[:20]} is not known", "a code of ISO 3166", severity="warning")
    return tuple(found)
