"""Dose finding on paper: decision tables in letters and colours, the ways ahead, what happens under each truth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from helmont.reports.designs.blocks import Bars, Block, Cell, Facts, Grid, Paragraph, Table
from helmont.reports.designs.questions import Question
from helmont.reports.designs.showing_general import cut, general
from helmont.reports.designs.words import figure, figures, percent

LETTERS = (
    ("E", "escalate to the next higher dose"),
    ("S", "stay at the dose"),
    ("D", "de-escalate to the next lower dose"),
    ("DU", "de-escalate; the dose and all above are unacceptably toxic and are not given again"),
)
ACTIONS = {"escalate": "E", "stay": "S", "de-escalate": "D", "stop": "DU", "suspend": ""}
WIDEST = 30
"""Columns of letters that a page has room for."""


def decision_table(answer: dict[str, Any], settings: dict[str, Any]) -> list[Block]:
    """Every cohort's letters, and the limits for every number of patients."""
    size = settings.get("cohort_size", 3)
    rows = [
        (str(n), tuple(Cell(letter, letter) for letter in _until_eliminated(letters)))
        for n, letters in zip(answer["patients"], answer["decisions"], strict=True)
        if n % size == 0
    ]
    shown = [row for row in rows if len(row[1]) <= WIDEST]
    most = max((len(cells) for _, cells in shown), default=0)
    limits, notes = cut(
        [
            tuple(map(figure, row))
            for row in zip(*(answer[name] for name in ("patients", "escalate", "de_escalate", "eliminate", "stop")), strict=True)
        ]
    )
    legend = tuple(each for each in LETTERS if any(each[0] == cell.tone for _, cells in shown for cell in cells))
    heads = tuple(str(seen) for seen in range(most))
    grid = Grid(
        "The decision for the next cohort, by patients and dose-limiting toxicities at the current dose",
        "Patients", "Patients with a dose-limiting toxicity", heads, tuple(shown), legend,
    )  # fmt: skip
    table = Table(
        "Limits of the number of dose-limiting toxicities, for every number of patients at the current dose",
        ("Patients", "Escalate if at most", "De-escalate if at least", "Eliminate if at least", "At dose 1, stop if at least"),
        limits, notes=(*notes, "–: with no number of toxicities."),
    )  # fmt: skip
    return [grid, _folded(table)]


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


def _until_eliminated(letters: list[str]) -> list[str]:
    """What more toxicities than these lead to is the same."""
    return letters[: letters.index("DU") + 1] if "DU" in letters else letters


def pathways(answer: dict[str, Any], settings: dict[str, Any]) -> list[Block]:
    """Two cohorts: a row for what the first has, a column for what the second has."""
    rows: dict[int, tuple[str, dict[int, Cell]]] = {}
    for way in answer["ways"]:
        first = way["toxicities"][0]
        dose = f"dose {way['doses'][1]}" if len(way["doses"]) > 1 else "–"
        _, cells = rows.setdefault(first, (dose, {}))
        if len(way["doses"]) > 1:
            cells[way["toxicities"][1]] = _step(way["action"], way["dose"])
        else:
            cells[0] = _step(way["action"], way["dose"])
    heads = tuple(str(seen) for seen in range(max(len(cells) for _, cells in rows.values())))
    shown = tuple(
        (f"{first}, then {dose}" if dose != "–" else str(first), tuple(cells[seen] for seen in sorted(cells)))
        for first, (dose, cells) in rows.items()
    )
    start = answer["ways"][0]["doses"][0]
    return [
        Grid(
            f"What follows the first two cohorts; the first is at dose {start}",
            "Toxicities in the first cohort", "Toxicities in the second cohort", heads, shown, _legend(shown),
        )
    ]  # fmt: skip


def _step(action: str, dose: int | None) -> Cell:
    return Cell("stop" if dose is None else f"{ACTIONS[action]} {dose}".strip(), ACTIONS[action])


def _legend(rows: tuple[tuple[str, tuple[Cell, ...]], ...]) -> tuple[tuple[str, str], ...]:
    words = {"E": "escalate to the dose", "S": "stay at the dose", "D": "de-escalate to the dose", "DU": "stop the trial"}
    tones = {cell.tone for _, cells in rows for cell in cells}
    return tuple(("stop" if tone == "DU" else tone, text) for tone, text in words.items() if tone in tones)


def first_steps(answer: list[dict[str, Any]], question: Question) -> list[Block]:
    """What follows each number of toxicities in the first cohort."""
    steps = [each.get("escalation", each) for each in answer]
    rows = tuple(
        (str(seen), step["action"], _dose(step["dose"]), step["reason"]) for seen, step in enumerate(steps)
    )
    return [
        Table(
            "What follows the first cohort", ("Toxicities", "Step", "Next dose", "Reason"), rows, (1, 3), (2, 3, 2, 10)
        )
    ]


def _dose(dose: Any) -> str:
    return f"{dose[0]} and {dose[1]}" if isinstance(dose, list) else figure(dose)


def followup(answer: dict[str, Any]) -> list[Block]:
    """Limits of the follow-up of pending patients, of which those that are always or never met are words."""
    rows = []
    for n, seen, waiting, up, down in zip(*answer.values(), strict=True):
        above = "always" if up < 0 else "never" if up > waiting else f"at least {up:.2f}"
        below = "never" if down < 0 else "always" if down > waiting else f"at most {down:.2f}"
        rows.append((str(n), str(seen), str(waiting), above, below))
    shown, notes = cut(rows)
    return [
        Table(
            "Total follow-up of the pending patients, in observation windows, that permits a step",
            ("Patients", "Toxicities", "Pending", "Escalate", "De-escalate"), shown, (3, 4), notes=notes,
        )
    ]  # fmt: skip


def scenario(answer: dict[str, Any], settings: dict[str, Any]) -> list[Block]:
    """Per dose: a figure and a table, and what holds for the whole trial."""
    if answer["selection"] and isinstance(answer["selection"][0], list):
        return _two_agents(answer)
    return [Paragraph(made(answer)), _bars(answer, settings), _per_dose(answer), _whole(answer)]


def made(answer: dict[str, Any]) -> str:
    """Whether numbers are exact or simulated, and how."""
    if answer.get("trials") is None:
        endings = answer.get("endings")
        return (
            "Exact: every outcome of the trial is enumerated"
            + (f" ({endings:,} distinct endings)" if endings else "")
            + ". There is no simulation error."
        )
    generator = {"R": "R's generator (Mersenne Twister), replayed", None: "PCG64 (numpy)"}
    kind = generator.get(answer.get("method"), "PCG64 (numpy)")
    seed = f", seed {answer['seed']}" if "seed" in answer else ""
    return f"Simulated: {answer['trials']:,} trials{seed}, generator {kind}. Monte Carlo standard errors in parentheses, where there are any."


def truths(answer: dict[str, Any]) -> list[float]:
    return list(answer["truth"] if "truth" in answer else answer["toxicity"])


def _bars(answer: dict[str, Any], settings: dict[str, Any]) -> Bars:
    total = sum(answer["patients"])
    target, rates = settings.get("target"), truths(answer)
    groups = []
    for dose, (rate, share, n) in enumerate(zip(rates, answer["selection"], answer["patients"], strict=True), start=1):
        efficacy = f" / {answer['efficacy'][dose - 1]:g}" if answer.get("efficacy") else ""
        near = " ◆" if target is not None and abs(rate - target) == min(abs(each - target) for each in rates) else ""
        groups.append((f"Dose {dose}{near}", f"{rate:g}{efficacy}", (100 * share, 100 * n / total)))
    groups.append(("None", "", (100 * answer["none"], 0.0)))
    marked = "; ◆ the dose nearest to the target" if target is not None else ""
    rate_words = "toxicity and response rate" if answer.get("efficacy") else "toxicity rate"
    return Bars(
        f"How often each dose is selected, and its share of the expected patients, in percent. Below each dose its true {rate_words}{marked}",
        ("selected", "of the patients"), tuple(groups),
        "; ".join(f"{label}: selected {values[0]:.1f} %, {values[1]:.1f} % of the patients" for label, _, values in groups),
    )  # fmt: skip


def _per_dose(answer: dict[str, Any]) -> Table:
    errors = answer.get("errors") or {
        "selection": answer.get("selection_error"),
        "patients": answer.get("patients_error"),
    }
    columns: list[tuple[str, list[str]]] = [
        ("True toxicity rate", figures(truths(answer))),
        ("Selected (%)", _with_errors(answer["selection"], errors.get("selection"), 100, 1)),
        ("Patients", _with_errors(answer["patients"], errors.get("patients"), 1, 2)),
        ("Toxicities", _with_errors(answer["toxicities"], errors.get("toxicities"), 1, 2)),
    ]
    if answer.get("efficacy"):
        columns.insert(1, ("True response rate", figures(answer["efficacy"])))
    more = {"responses": "Responses", "backfilled": "Backfilled"}
    columns += [(head, _with_errors(answer[name], None, 1, 2)) for name, head in more.items() if answer.get(name)]
    if answer.get("allocation"):
        columns.append(("Share of a trial’s patients (%)", [percent(each) for each in answer["allocation"]]))
    rows = [
        (str(dose), *(column[dose - 1] for _, column in columns)) for dose in range(1, len(answer["selection"]) + 1)
    ]
    none_error = errors.get("none") if errors.get("none") is not None else answer.get("none_error")
    none = _with_errors([answer["none"]], None if none_error is None else [none_error], 100, 1)[0]
    blank = ["" for _ in columns]
    blank[next(place for place, (head, _) in enumerate(columns) if head.startswith("Selected"))] = none
    rows.append(("none", *blank))
    return Table(
        "Operating characteristics by dose", ("Dose", *(head for head, _ in columns)), tuple(rows)
    )


def _with_errors(values: list[float], errors: list[float] | None, scale: float, digits: int) -> list[str]:
    texts = [f"{scale * value:.{digits}f}" for value in values]
    if errors is None:
        return texts
    return [f"{text} ({scale * error:.{digits + 1}f})" for text, error in zip(texts, errors, strict=True)]


def _whole(answer: dict[str, Any]) -> Facts:
    errors = answer.get("errors") or {}
    rows = []
    for name, text in {"total_patients": "Expected patients", "total_toxicities": "Expected toxicities"}.items():
        total = answer.get(name, sum(answer["patients" if name == "total_patients" else "toxicities"]))
        rows.append((text, _with_errors([total], [errors[name]] if errors else None, 1, 2)[0]))
    if answer.get("sizes"):
        counts = sorted((int(n), share) for n, share in answer["sizes"].items())
        rows.append(("Fewest and most patients", f"{counts[0][0]} and {counts[-1][0]}"))
    for share in ("60", "80"):
        if answer.get(f"overdose_{share}") is not None:
            value = _with_errors([answer[f"overdose_{share}"]], [errors[f"overdose_{share}"]] if errors else None, 100, 1)
            rows.append((f"Probability that over {share} % of the planned patients are treated above the target rate", f"{value[0]} %"))
    more = {
        "duration": "Mean duration", "duration_deviation": "Standard deviation of the duration",
        "duration_error": "Standard error of the mean duration",
        "suspended": "Mean time for which accrual waits", "turned_away": "Patients turned away",
    }  # fmt: skip
    rows += [(text, figure(answer[name], 2)) for name, text in more.items() if answer.get(name) is not None]
    return Facts("Operating characteristics of the whole trial", tuple(rows))


def _two_agents(answer: dict[str, Any]) -> list[Block]:
    blocks: list[Block] = [Paragraph(made(answer))]
    parts = {
        "truth": ("True toxicity rates", 1, 2), "selection": ("Selected (%)", 100, 1), "patients": ("Expected patients", 1, 2),
        "toxicities": ("Expected toxicities", 1, 2),
    }  # fmt: skip
    for name, (text, scale, digits) in parts.items():
        errors = answer.get(f"{name}_error")
        most = max(value for row in answer[name] for value in row) or 1.0
        rows = tuple(
            (
                str(a),
                tuple(
                    Cell(written, shade=value / most)
                    for written, value in zip(_with_errors(row, errors and errors[a - 1], scale, digits), row, strict=True)
                ),
            )
            for a, row in enumerate(answer[name], start=1)
        )
        heads = tuple(str(b) for b in range(1, len(answer[name][0]) + 1))
        blocks.append(Grid(text, "First agent", "Second agent", heads, rows))
    single = {"none": "No combination selected (%)", "correct": "Correct selection (%)"}
    facts = [(text, percent(answer[name])) for name, text in single.items()]
    facts += [(text, f"{answer[name]:.2f}") for name, text in
              {"total_patients": "Expected patients", "total_toxicities": "Expected toxicities"}.items()]  # fmt: skip
    return [*blocks, Facts("Operating characteristics of the whole trial", tuple(facts))]


def desirability(answer: dict[str, Any]) -> list[Block]:
    return general("Rank-based desirability by outcomes at a dose", answer)
