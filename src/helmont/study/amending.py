"""What must hold of an amendment: ``amendment.yaml`` within its own package, and all against the version that it amends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from helmont.study.amendment import Move, Place, place
from helmont.study.faults import Fault, one_of
from helmont.study.sensing import check_sensors_against

if TYPE_CHECKING:
    from helmont.study.model import Form, Item, Study
    from helmont.study.reading import Reading

Report = Callable[[int, str, str, str], None]
"""Takes the number of the move (from 0), the key, what is wrong and what would be accepted."""
WRITTEN = "a form, FORM.ITEM or FORM.GROUP[1].ITEM"


def check_amendment(study: Study, reading: Reading) -> None:
    """Every move ends at a place of this version, no two at the same one, and retired terms are gone."""
    amendment = study.amendment
    if amendment is None:
        return
    starts: dict[str, int] = {}
    ends: dict[str, int] = {}
    for number, move in enumerate(amendment.moves):
        if place(move.was) is None:
            reading.fault_in(move, "was", f"{move.was[:60]} is not a place", WRITTEN)
        if fault := _wrong_place(study, move.now):
            reading.fault_in(move, "now", *fault)
        for seen, key, text in ((starts, "was", move.was), (ends, "now", move.now)):
            if seen.setdefault(text, number) != number:
                reading.fault_in(move, key, f"{text} is in move {seen[text] + 1} already", "each place once")
        if fault := _uneven(move):
            reading.fault_in(move, "now", *fault)
    _check_encounters(study, reading)
    codelists = {codelist.id: [term.code for term in codelist.terms] for codelist in study.codelists}
    for term in amendment.terms:
        codes = codelists.get(term.codelist)
        if codes is not None and term.now not in codes:
            reading.fault_in(term, "now", f"{term.codelist} has no term {term.now[:60]}", one_of(codes, term.now))
        if codes is not None and term.was in codes:
            accepted = "a term that the codelist no longer has"
            reading.fault_in(term, "was", f"{term.was} is still a term of {term.codelist}", accepted)


def _check_encounters(study: Study, reading: Reading) -> None:
    encounters = [each.id for each in study.protocol.encounters]
    seen: set[tuple[str, str]] = set()
    for move in study.amendment.encounters if study.amendment else ():
        if move.now not in encounters:
            reading.fault_in(
                move, "now", f"this version has no encounter {move.now[:60]}", one_of(encounters, move.now)
            )
        if move.was in encounters:
            reading.fault_in(move, "was", f"{move.was} is still an encounter", "one that this version no longer has")
        for key, name in (("was", move.was), ("now", move.now)):
            if (key, name) in seen:
                reading.fault_in(move, key, f"{name} is renamed already", "each encounter once")
            seen.add((key, name))


def check_against(old: Study, new: Study, folder: Path | None = None) -> list[Fault]:
    """Faults of ``new`` and its amendment that only the version before can tell; with lines when its folder is given."""
    amendment = new.amendment
    faults = check_sensors_against(old, new, folder)
    if amendment is None:
        return faults
    lines = _lines(folder)

    def report(number: int, key: str, message: str, accepted: str) -> None:
        where = f"amendment.moves[{number + 1}].{key}"
        faults.append(Fault("amendment.yaml", lines.get((number, key), 0), where, message, accepted))

    if amendment.amends and old.version not in amendment.amends:
        message = f"version {old.version} is not one that this version amends"
        faults.append(Fault("amendment.yaml", 0, "amendment.amends", message, ", ".join(amendment.amends)))
    known = [each.id for each in old.protocol.encounters]
    for number, move in enumerate(amendment.encounters, start=1):
        for key, name, wrong, message in (
            ("was", move.was, move.was not in known, f"version {old.version} has no encounter {move.was[:60]}"),
            ("now", move.now, move.now in known, f"version {old.version} has an encounter {move.now} of its own"),
        ):
            if wrong:
                accepted = one_of(known, name) if key == "was" else "an encounter that is new"
                faults.append(Fault("amendment.yaml", 0, f"amendment.encounters[{number}].{key}", message, accepted))
    for number, move in enumerate(amendment.moves):
        if fault := _wrong_place(old, move.was, f"version {old.version}"):
            report(number, "was", *fault)
        else:
            for key, message, accepted in _misfits(old, new, move):
                report(number, key, message, accepted)
    return faults


def _misfits(old: Study, new: Study, move: Move) -> Iterator[tuple[str, str, str]]:
    was, now = place(move.was), place(move.now)
    if was is None or now is None:
        return
    source, target = _form(old, was.form), _form(new, now.form)
    if source is None or target is None:
        return
    if source.kind != target.kind:
        yield "now", f"{source.id} is a {source.kind} form and {target.id} a {target.kind} form", "forms of one kind"
    elif was.item and _repeating(source, was.item) and not was.row and not _repeating(target, now.item):
        yield "was", f"{was.item} repeats and {now.item} does not", f"{was.form}.GROUP[1].{was.item}: one row"


def _uneven(move: Move) -> tuple[str, str] | None:
    was, now = place(move.was), place(move.now)
    if was and now and bool(was.item) != bool(now.item):
        return "a form moves to a form and an item to an item", WRITTEN
    if was and now and now.row and not was.row and was.group:
        return "a row moves to a row", WRITTEN
    return None


def _wrong_place(study: Study, text: str, where: str = "this version") -> tuple[str, str] | None:
    found: Place | None = place(text)
    if found is None:
        return f"{text[:60]} is not a place", WRITTEN
    form = _form(study, found.form)
    if form is None:
        return f"{where} has no form {found.form}", one_of([one.id for one in study.forms], found.form)
    if not found.item:
        return None
    items = [item.id for item in form.items()]
    if found.item not in items:
        return f"{found.form} has no item {found.item} in {where}", one_of(items, found.item)
    if found.group:
        group = next((one for one in form.groups if one.id == found.group), None)
        inside = group is not None and found.item in [item.id for item in group.items]
        if group is None or group.repeats is None or not inside:
            repeating = [one.id for one in form.groups if one.repeats]
            return f"{found.group} is not a repeating group with {found.item}", one_of(repeating, found.group)
        if found.row > group.repeats.max:
            return f"{found.group} has no row {found.row}", f"rows 1 to {group.repeats.max}"
    return None


def _form(study: Study, name: str) -> Form | None:
    return next((form for form in study.forms if form.id == name), None)


def _repeating(form: Form, item: str) -> bool:
    return any(group.repeats is not None and _has(group.items, item) for group in form.groups)


def _has(items: tuple[Item, ...], name: str) -> bool:
    return any(item.id == name for item in items)


def _lines(folder: Path | None) -> dict[tuple[int, str], int]:
    """Where each end of each move is written; empty without a folder."""
    from helmont.study.nodes import compose

    if folder is None or not (folder / "amendment.yaml").is_file():
        return {}
    node = compose((folder / "amendment.yaml").read_bytes(), "amendment.yaml", [])
    moves = (node.entries or {}).get("moves") if node else None
    return {
        (number, key): entry.line
        for number, child in enumerate((moves.children if moves else None) or [])
        for key, entry in (child.entries or {}).items()
    }
