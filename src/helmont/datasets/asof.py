"""Data sets as of any entry of the ledger: the state is folded up to it, and everything made anew from there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from helmont.core.errors import NotFound
from helmont.core.ledger.residues import readable
from helmont.core.ledger.store import log_size, read_entries
from helmont.core.ledger.tlog.fold import Fold
from helmont.datasets.casebooks import HELD, MISTAKEN, casebook
from helmont.datasets.definition import maker_for
from helmont.labs.models import Reading as LabReading
from helmont.study.datasets.rows import Casebook, Reading, Rows
from helmont.study.datasets.running import facts_of

ENROLLED = ("enrolled", "completed", "withdrawn")
Records = dict[str, dict[str, dict[str, Any]]]
"""Record type, then key, to fields; map fields as maps."""


Part = tuple[str, str, dict[str, Rows]]
"""A participant's number, their site, and their data sets; the first part, without a participant, is the protocol's."""


class At(NamedTuple):
    """A study at a moment: the version in force, how many parts there are, its standing by site, and the parts."""

    version: str
    total: int
    standing: dict[str, dict[str, dict[str, int]]]
    parts: Iterator[Part]


def parts_at(study: str, size: int) -> At:
    """The study after the first ``size`` entries; the parts are made one by one, as they are asked for.

    Raises ``NotFound`` when the ledger has no such entry, or the study no definition by then.
    """
    if not 0 < size <= log_size(study):
        raise NotFound(f"{study} {size}")
    records = records_at(study, size)
    version = records["study"].get(study, {}).get("definition", "")
    if not version:
        raise NotFound(f"{study} {size}")
    return At(version, 1 + len(records["participant"]), _standing(records), _parts(study, version, records))


def _standing(records: Records) -> dict[str, dict[str, dict[str, int]]]:
    """By site: participants, forms and queries by status, and participants screened and enrolled by month."""
    found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    sites: dict[str, str] = {}
    for key, person in records["participant"].items():
        if person.get("status") == MISTAKEN:
            continue
        sites[key] = site = person.get("site", "")
        found[site]["participants"][person.get("status", "")] += 1
        month = str(person.get("screened", ""))[:7]
        found[site]["screened"][month] += 1
        found[site]["enrolled"][month] += person.get("status") in ENROLLED
    for kind, name in (("form", "forms"), ("query", "queries")):
        for key, fields in records[kind].items():
            if (participant := "/".join(key.split("/")[:2])) in sites:
                found[sites[participant]][name][fields.get("status", "")] += 1
    return {site: {name: dict(counts) for name, counts in kinds.items()} for site, kinds in found.items()}


def _parts(study: str, version: str, records: Records) -> Iterator[Part]:
    facts = facts_of(maker_for(study, version).context, casebooks_of(study, records))
    maker = maker_for(study, version, facts)
    yield "", "", maker.make_design()
    for each in casebooks_of(study, records):
        yield each.participant, each.site, maker.make(each)


def records_at(study: str, size: int) -> Records:
    """The state after the first ``size`` entries, by type and key."""
    fold = Fold()
    for entry in readable(study, read_entries(study, 0, size)):
        if entry.body and entry.body != "{}":
            fold.apply(entry.content)
        else:
            fold.skip()
    records: Records = defaultdict(dict)
    for record, paths in fold.state.items():
        kind, _, key = record.partition(":")
        fields: dict[str, Any] = {"key": key}
        for path, value in paths.items():
            column, _, entry_key = path.partition("/")
            if entry_key:
                fields.setdefault(column, {})[entry_key] = value
            else:
                fields[column] = value
        records[kind][key] = fields
    return records


def casebooks_of(study: str, records: Records) -> Iterator[Casebook]:
    """The casebooks of a folded state, by number."""
    encounters, forms, codings = (_by_participant(records[kind]) for kind in ("encounter", "form", "coding"))
    readings = _readings(study)
    for key, person in sorted(records["participant"].items()):
        if person.get("status") == MISTAKEN:
            continue
        held = [{"data": {}, **form} for form in forms[key] if form.get("status") in HELD]
        yield casebook(
            person,
            [each for each in encounters[key] if each.get("status") != "renamed"],
            held,
            [{"path": {}, **each} for each in codings[key] if each.get("code")],
            _unchanged(readings.get(key, {}), held),
        )


def _by_participant(records: Mapping[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for key, fields in records.items():
        found["/".join(key.split("/")[:2])].append(fields)
    return found


_Known = dict[tuple[str, str], tuple[str, Reading]]


def _readings(study: str) -> dict[str, _Known]:
    """The laboratory's limits as they are now, with the result that they were found for, by participant."""
    found: dict[str, _Known] = defaultdict(dict)
    columns = ("participant", "key", "value", "low", "high")
    for participant, key, value, low, high in LabReading.objects.filter(study=study).values_list(*columns):
        form, _, item = key.partition("#")
        found[participant][f"form:{form}", item] = value, Reading(low or None, high or None)
    return found


def _unchanged(known: _Known, forms: list[dict[str, Any]]) -> dict[tuple[str, str], Reading]:
    """The limits of results that were there: limits follow from test, sex and age, not from the result itself."""
    there = {(f"form:{form['key']}", item) for form in forms for item in form["data"]}
    return {place: reading for place, (_value, reading) in known.items() if place in there}
