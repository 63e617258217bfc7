"""Data sets as of any entry of the ledger: the state is folded up to it, and everything made anew from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from helmont.core.errors import NotFound
from helmont.core.ledger.residues import readable
from helmont.core.ledger.store import log_size, read_entries
from helmont.core.ledger.tlog.fold import Fold
from helmont.datasets.casebooks import HELD, MISTAKEN, casebook
from helmont.datasets.definition import maker_for
from helmont.labs.models import Reading as LabReading
from helmont.study.datasets.rows import Casebook, Reading, Rows
from helmont.study.datasets.running import facts_of

Records = dict[str, dict[str, dict[str, Any]]]
"""Record type, then key, to fields; map fields as maps."""


def datasets_at(study: str, size: int, sites: frozenset[str] | None = None) -> tuple[str, dict[str, Rows]]:
    """The version in force after the first ``size`` entries, and every data set made with it, of all or some sites.

    Raises ``NotFound`` when the ledger has no such entry, or the study no definition by then.
    """
    version, _count, parts = parts_at(study, size)
    found: dict[str, Rows] = defaultdict(list)
    for _participant, site, datasets in parts:
        if sites is None or not site or site in sites:
            for dataset, rows in datasets.items():
                found[dataset] += rows
    return version, dict(found)


Part = tuple[str, str, dict[str, Rows]]
"""A participant's number, their site, and their data sets; the first part, without a participant, is the protocol's."""


def parts_at(study: str, size: int) -> tuple[str, int, Iterator[Part]]:
    """The version in force after the first ``size`` entries, how many parts there are, and the parts one by one.

    Raises ``NotFound`` when the ledger has no such entry, or the study no definition by then.
    """
    if not 0 < size <= log_size(study):
        raise NotFound(f"{study} {size}")
    records = records_at(study, size)
    version = records["study"].get(study, {}).get("definition", "")
    if not version:
        raise NotFound(f"{study} {size}")
    return version, 1 + len(records["participant"]), _parts(study, version, records)


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
