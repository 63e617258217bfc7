"""Dose finding on paper: decision tables in letters and colours, the ways ahead, what happens under each truth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from helmont.reports.designs.blocks import Block, Cell, Grid, Paragraph, Table
from helmont.reports.designs.language import _, gettext_noop
from helmont.reports.designs.showing_general import cut
from helmont.reports.designs.words import figure, rows_of

LETTERS = (
    ("E", gettext_noop("escalate to the next higher dose")),
    ("S", gettext_noop("stay at the dose")),
    ("D", gettext_noop("de-escalate to the next lower dose")),
    ("DU", gettext_noop("de-escalate; the dose and all above are unacceptably toxic and are not given again")),
)
ACTIONS = {"escalate": "E", "stay": "S", "de-escalate": "D", "stop": "DU", "suspend": ""}
WIDEST = 30
"""Columns of letters that a page has room for."""


def decision_table(answer: dict[str, Any], settings: dict[str, Any]) -> list[Block]:
    """Letters and limits; of a model what follows the first cohort; with efficacy the desirability of each outcome."""
    if "decisions" in answer:
        size = settings.get("cohort_size", 3)
        return [_letters(answer, size), _folded(_limits(answer))]
    if "next_dose" in answer:
        return [_next_cohort(answer)]
    return _desirability(answer)


def _letters(answer: dict[str, Any], size: int) -> Grid:
    rows = [
        (str(n), tuple(Cell(letter, letter) for letter in _until_eliminated(letters)))
        for n, letters in zip(answer["patients"], answer["decisions"], strict=True)
        if n % size == 0
    ]
    shown = [row for row in rows if len(row[1]) <= WIDEST]
    most = max((len(cells) for _label, cells in shown), default=0)
    tones = {cell.tone for _label, cells in shown for cell in cells}
    legend = tuple((letter, _(text)) for letter, text in LETTERS if letter in tones)
    return Grid(
        _("The decision for the next cohort, by patients and dose-limiting toxicities at the current dose"),
        _("Patients"), _("Patients with a dose-limiting toxicity"), tuple(map(str, range(most))), tuple(shown), legend,
    )  # fmt: skip


def _limits(answer: dict[str, Any]) -> Table:
    names = ("patients", "escalate", "de_escalate", "eliminate", "stop")
    limits, notes = cut(rows_of([answer[name] for name in names]))
    heads = (
        _("Patients"), _("Escalate if at most"), _("De-escalate if at least"), _("Eliminate if at least"),
        _("At dose 1, stop if at least"),
    )  # fmt: skip
    caption = _("Limits of the number of dose-limiting toxicities, for every number of patients at the current dose")
    return Table(caption, heads, limits, notes=(*notes, _("–: with no number of toxicities.")))


def _folded(table: Table) -> Table:
    """Its second half beside the first, where it is long."""
    if len(table.rows) <= 12:
        return table
    half = -(-len(table.rows) // 2)
    empty = ("",) * len(table.heads)
    pairs = [
        (*table.rows[place], *(table.rows[place + half] if place + half < len(table.rows) else empty))
        for place in range(half)
    ]
    return replace(table, heads=table.heads * 2, rows=tuple(pairs), widths=(1,) * (2 * len(empty)))


def _desirability(answer: dict[str, Any]) -> list[Block]:
    """A grid for each number of patients: a row a number of toxicities, a column a number of responses."""
    scores = dict(
        zip(
            zip(answer["patients"], answer["toxicities"], answer["responses"], strict=True),
            answer["score"],
            strict=True,
        )
    )
    most = max(score for score in scores.values() if score is not None)
    found: list[Block] = [
        Paragraph(
            _("The next cohort gets the dose with the highest score of those that may be given; –: not admissible.")
        )
    ]
    for n in dict.fromkeys(answer["patients"]):
        rows = tuple(
            (
                str(toxic),
                tuple(
                    Cell(figure(scores[n, toxic, active], 1), shade=(scores[n, toxic, active] or 0.0) / most)
                    for active in range(n + 1)
                ),
            )
            for toxic in range(n + 1)
        )
        caption = _("Rank-based desirability with %s patients at a dose") % n
        heads = tuple(map(str, range(n + 1)))
        found.append(Grid(caption, _("Toxicities"), _("Responses"), heads, rows))
    return found


def _until_eliminated(letters: list[str]) -> list[str]:
    """What more toxicities than these lead to is the same."""
    return letters[: letters.index("DU") + 1] if "DU" in letters else letters


def _next_cohort(answer: dict[str, Any]) -> Table:
    caption = _("What follows the first cohort, of size %(patients)s at dose %(dose)s") % answer
    rows = tuple(
        (str(seen), _action(action), figure(dose), reason)
        for seen, action, dose, reason in zip(
            answer["toxicities"], answer["action"], answer["next_dose"], answer["reason"], strict=True
        )
    )
    heads = (_("Toxicities"), _("Step"), _("Next dose"), _("Reason"))
    return Table(caption, heads, rows, (1, 3), (2, 3, 2, 10), english=(3,))


def _action(action: str) -> str:
    names = {
        "escalate": _("escalate"), "stay": _("stay"), "de-escalate": _("de-escalate"), "stop": _("stop"), "suspend": _("suspend"),
    }  # fmt: skip
    return names[action]


def pathways(answer: dict[str, Any]) -> list[Block]:
    """A row for what the first cohort has and where the second goes, a column for what the second has.

    Of one cohort with responses: a row a number of toxicities, a column a number of responses.
    """
    rows: dict[str, dict[int, Cell]] = {}
    ways = answer["ways"]
    one = all(len(way["doses"]) == 1 for way in ways)
    for way in ways:
        first = str(way["toxicities"][0])
        column = way["responses"][0] if one and way.get("responses") else 0
        if len(way["doses"]) > 1:
            first, column = (
                _("%(toxicities)s, then %(dose)s") % {"toxicities": first, "dose": _dose(way["doses"][1])},
                way["toxicities"][1],
            )
        rows.setdefault(first, {})[column] = _step(way["action"], way.get("options", [way.get("dose")]))
    wide = max(max(cells) for cells in rows.values()) + 1
    shown = tuple(
        (label, tuple(cells.get(seen, Cell("")) for seen in range(max(cells) + 1))) for label, cells in rows.items()
    )
    across = _("Responses in the first cohort") if one else _("Toxicities in the second cohort")
    if one:
        caption = _("What follows the first cohort, which is at dose %(dose)s")
    else:
        caption = _("What follows the first two cohorts; the first is at dose %(dose)s")
    heads = tuple(str(seen) for seen in range(wide))
    start = caption % {"dose": _dose(ways[0]["doses"][0])}
    return [Grid(start, _("Toxicities in the first cohort"), across, heads, shown, _legend(shown))]


def _step(action: str, doses: list[Any]) -> Cell:
    given = [_dose(dose) for dose in doses if dose is not None]
    text = f"{ACTIONS[action]} {' / '.join(given)}".strip() if given else _("stop")
    return Cell(text, ACTIONS[action])


def _legend(rows: tuple[tuple[str, tuple[Cell, ...]], ...]) -> tuple[tuple[str, str], ...]:
    words = {
        "E": _("escalate to the dose"), "S": _("stay at the dose"), "D": _("de-escalate to the dose"), "DU": _("stop the trial"),
    }  # fmt: skip
    tones = {cell.tone for _label, cells in rows for cell in cells}
    return tuple((_("stop") if tone == "DU" else tone, text) for tone, text in words.items() if tone in tones)


def _dose(dose: Any) -> str:
    return f"{dose[0]}+{dose[1]}" if isinstance(dose, list) else str(dose)


def followup(answer: dict[str, Any]) -> list[Block]:
    """Limits of the follow-up of pending patients, of which those that are always or never met are words."""
    rows = []
    for n, seen, waiting, up, down in zip(*answer.values(), strict=True):
        least, most = _("at least %s") % f"{up:.2f}", _("at most %s") % f"{down:.2f}"
        above = _("always") if up < 0 else _("never") if up > waiting else least
        below = _("never") if down < 0 else _("always") if down > waiting else most
        rows.append((str(n), str(seen), str(waiting), above, below))
    shown, notes = cut(rows)
    return [
        Table(
            _("Total follow-up of the pending patients, in observation windows, with which the step is taken"),
            (_("Patients"), _("Toxicities"), _("Pending"), _("Escalate"), _("De-escalate")), shown, (3, 4), notes=notes,
        )
    ]  # fmt: skip
