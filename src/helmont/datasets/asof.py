"""Data sets as of any entry of the ledger: the state is folded up to it, and everything made anew from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from helmont.core.errors import NotFound
from helmont.core.ledger.residues import readable
from helmont.core.ledger.store import log_size, read_entries, read_entry
from helmont.core.ledger.tlog.fold import Fold
from helmont.datasets.casebooks import HELD, MISTAKEN, Found, casebook, place_of
from helmont.datasets.definition import maker_for
from helmont.datasets.standing import standing_of
from helmont.labs.queries.limits import Ranges, bands_then, limits_then
from helmont.study.datasets.rows import Casebook, Reading, Rows
from helmont.study.datasets.running import facts_of

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
    return At(
        version,
        1 + len(records["participant"]),
        standing_of(study, records, _time(study, size)),
        _parts(study, version, records),
    )


def _time(study: str, size: int) -> str:
    last = read_entry(study, size - 1)
    return last.time if last else ""


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
    bands = bands_then(records["reference_range"].values())
    for key, person in sorted(records["participant"].items()):
        if person.get("status") == MISTAKEN:
            continue
        held = [{"data": {}, **form} for form in forms[key] if form.get("status") in HELD]
        visits = [each for each in encounters[key] if each.get("status") != "renamed"]
        yield casebook(
            person,
            visits,
            held,
            [{"path": {}, **each} for each in codings[key] if each.get("code")],
            Found(partial(_readings, study, person, visits, held, bands)),
        )


def _by_participant(records: Mapping[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for key, fields in records.items():
        found["/".join(key.split("/")[:2])].append(fields)
    return found


def _readings(
    study: str, person: dict[str, Any], encounters: list[dict[str, Any]], forms: list[dict[str, Any]], bands: Ranges
) -> dict[tuple[str, str], Reading]:
    """The laboratory's limits of one participant's results, by the ranges of that moment."""
    dates = {each["key"]: each.get("date", "") for each in encounters}
    limits = limits_then(study, person, forms, dates, bands)
    return {place_of(key): Reading(low or None, high or None) for key, (low, high) in limits.items()}
