"""Answers that need no figure of their own: what is one number as facts, what has the same length as columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helmont.reports.designs.blocks import Block, Facts, Table
from helmont.reports.designs.language import _, gettext_noop
from helmont.reports.designs.words import figure, named, rows_of

_ARM, _STAGE, _DOSE = gettext_noop("Arm"), gettext_noop("Stage"), gettext_noop("Dose")
COUNTED = {
    **dict.fromkeys(("looks", "critical_effects"), (gettext_noop("Look"), "")),
    **dict.fromkeys(
        ("critical", "spent", "levels", "stopped", "any_rejected", "all_rejected", "any_futile", "all_futile"),
        (_STAGE, ""),
    ),
    **dict.fromkeys(
        (
            "events",
            "events_control",
            "events_treatment",
            "participants",
            "times",
            "critical_ratios",
            "lower_ratios",
            "power",
            "futility",
        ),
        (gettext_noop("Look"), ""),
    ),
    **dict.fromkeys(("patients", "responses", "best_error", "patients_deviation", "truth"), (_ARM, "")),
    **dict.fromkeys(("futile", "selected"), (_ARM, _STAGE)),
    **dict.fromkeys(("parameters", "intervals"), (_DOSE, gettext_noop("Limit"))),
    **dict.fromkeys(("weights", "a", "b", "means", "deviations"), (gettext_noop("Component"), "")),
    "sizes": (gettext_noop("Group, control first"), _STAGE),
    "expected": (gettext_noop("Group, control first"), ""),
    "expected_sd": (gettext_noop("Group, control first"), ""),
    "arms": (_STAGE, ""),
    **dict.fromkeys(
        ("of_population", "of_population_error"), (gettext_noop("Population: the whole, the subgroup"), "")
    ),
    **dict.fromkeys(("rejected", "best"), (_ARM, _STAGE)),
    "either_rejected": (_ARM, _ARM),
}
"""What rows and columns count, where it is not said by a column of its own."""
LONG = 60
"""Rows of a table on paper; the attached file has all."""


def general(caption: str, answer: Any, each: tuple[str, tuple[Any, ...]] | None = None) -> list[Block]:
    """Any answer; ``each``: what was varied, of which the answer has one element each."""
    if each is not None:
        return _varied(caption, each[0], each[1], answer)
    if not isinstance(answer, dict):
        return [Facts("", ((caption or _("Answer"), figure(answer)),))]
    blocks: list[Block] = []
    errors = {name: answer[f"{name}_error"] for name in answer if _single(answer.get(f"{name}_error", []))}
    single = tuple(
        (named(name), figure(value) + (f" ({figure(errors[name])})" if name in errors else ""))
        for name, value in answer.items()
        if _single(value) and value is not None and name.removesuffix("_error") not in ({*errors} - {name})
    )
    columns = {name: value for name, value in answer.items() if _column(value)}
    kinds = dict.fromkeys((len(value), _counted(name)) for name, value in columns.items())
    for length, counted in kinds:
        alike = {name: value for name, value in columns.items() if (len(value), _counted(name)) == (length, counted)}
        blocks.append(_table(caption, alike, length, _(counted)))
    for name, value in answer.items():
        if _matrix(value):
            blocks.append(_of_rows(_under(caption, name), value, *map(_, COUNTED.get(name, ("", "")))))
        elif isinstance(value, dict):
            blocks.append(Facts(_under(caption, name), _facts(value)))
    if single:
        blocks.insert(0, Facts(caption, single))
    return blocks


def _counted(name: str) -> str:
    """What a single column counts; rejections in one column are those of the stages."""
    return _STAGE if name == "rejected" else COUNTED.get(name, ("", ""))[0]


def _under(caption: str, name: str) -> str:
    return f"{caption}: {named(name)}" if caption else named(name)


def _facts(content: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((named(name), figure(value)) for name, value in content.items())


def _single(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))


def _column(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_single(each) for each in value)


def _matrix(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, (list, dict)) for each in value)


def cut(rows: Sequence[tuple[str, ...]]) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """As many rows as anybody reads, and a note on the others."""
    if len(rows) <= LONG:
        return tuple(rows), ()
    note = _("The first %(shown)s of %(all)s rows; the attached file has all.")
    return tuple(rows[:LONG]), (note % {"shown": LONG, "all": len(rows)},)


def _table(caption: str, columns: dict[str, list[Any]], length: int, counted: str) -> Table:
    if not counted:
        rows, notes = cut(rows_of(list(columns.values())))
        return Table(caption, tuple(map(named, columns)), rows, notes=notes)
    rows, notes = cut(rows_of([range(1, length + 1), *columns.values()]))
    return Table(caption, (counted, *map(named, columns)), rows, notes=notes)


def _of_rows(caption: str, value: list[Any], counted: str, across: str) -> Table:
    if isinstance(value[0], dict):
        rows, notes = cut(rows_of([[row[name] for row in value] for name in value[0]]))
        return Table(caption, tuple(map(named, value[0])), rows, notes=notes)
    width = max(len(row) for row in value)
    even = [[*row, *[None] * (width - len(row))] for row in value]
    rows, notes = cut(rows_of([range(1, len(value) + 1), *zip(*even, strict=True)]))
    heads = (counted, *(f"{across} {place}".strip() for place in range(1, width + 1)))
    return Table(caption, heads, rows, notes=notes)


def _varied(caption: str, name: str, values: tuple[Any, ...], answers: list[Any]) -> list[Block]:
    if not all(isinstance(answer, dict) for answer in answers):
        return [Table(caption, (named(name), _("Answer")), tuple(rows_of([values, answers])))]
    shown = [key for key, value in answers[0].items() if _single(value) and key != name]
    words = tuple(
        place for place, key in enumerate(shown, start=1) if any(isinstance(answer[key], str) for answer in answers)
    )
    rows = rows_of([values, *([answer[key] for answer in answers] for key in shown)])
    widths = (2, *(9 if key == "reason" else 3 for key in shown)) if "reason" in shown else ()
    return [Table(caption, (named(name), *map(named, shown)), tuple(rows), words, widths, english=words)]
