"""What a dose-finding design does on average under a truth: a figure and tables."""

from __future__ import annotations

from math import sqrt
from typing import Any

from helmont.reports.designs.blocks import Bars, Block, Cell, Facts, Grid, Paragraph, Table
from helmont.reports.designs.language import _
from helmont.reports.designs.words import figures, percent


def scenario(answer: dict[str, Any], settings: dict[str, Any]) -> list[Block]:
    """Per dose: a figure and a table, and what holds for the whole trial."""
    if answer["selection"] and isinstance(answer["selection"][0], list):
        return _two_agents(answer)
    return [Paragraph(made(answer)), _bars(answer, settings), _per_dose(answer), _whole(answer)]


def made(answer: dict[str, Any]) -> str:
    """Whether numbers are exact or simulated, and how."""
    if answer.get("trials") is None:
        if answer.get("endings"):
            exact = _(
                "Exact: every outcome of the trial is enumerated (%(endings)s distinct endings). There is no simulation error."
            )
            return exact % {"endings": f"{answer['endings']:,}"}
        return _("Exact: every outcome of the trial is enumerated. There is no simulation error.")
    kind = _("R's Mersenne Twister, replayed") if answer.get("method") == "R" else "PCG64 (numpy)"
    simulated = _("Simulated: %(trials)s trials, seed %(seed)s, generator %(kind)s.")
    text = simulated % {"trials": f"{answer['trials']:,}", "seed": answer.get("seed"), "kind": kind}
    if any("error" in name for name in answer):
        text += " " + _("Monte Carlo standard errors are in parentheses.")
    return text


def error_of_a_share(trials: int) -> str:
    """Of results that have no errors of their own: a share's follows from it."""
    text = _("A share p of them has the Monte Carlo standard error sqrt(p (1 - p) / %(trials)s), at most %(most)s.")
    return text % {"trials": f"{trials:,}", "most": f"{0.5 / sqrt(trials):.4f}"}


def truths(answer: dict[str, Any]) -> list[float]:
    return list(answer["truth"] if "truth" in answer else answer["toxicity"])


def _bars(answer: dict[str, Any], settings: dict[str, Any]) -> Bars:
    total = sum(answer["patients"])
    target, rates = settings.get("target"), truths(answer)
    groups = []
    for dose, (rate, share, n) in enumerate(zip(rates, answer["selection"], answer["patients"], strict=True), start=1):
        efficacy = f" / {answer['efficacy'][dose - 1]:g}" if answer.get("efficacy") else ""
        near = " ◆" if target is not None and abs(rate - target) == min(abs(each - target) for each in rates) else ""
        label = _("Dose %(dose)s") % {"dose": dose} + near
        groups.append((label, f"{rate:g}{efficacy}", (100 * share, 100 * n / total)))
    groups.append((_("None"), "", (100 * answer["none"], 0.0)))
    caption = _("How often each dose is selected, and its share of the expected patients, in percent.")
    if answer.get("efficacy"):
        caption += " " + _("Below each dose its true toxicity and response rates.")
    else:
        caption += " " + _("Below each dose its true toxicity rate.")
    if target is not None:
        caption += " " + _("◆: the dose nearest to the target.")
    said = _("%(dose)s: selected %(selected)s %%, %(patients)s %% of the patients")
    says = "; ".join(
        said % {"dose": label, "selected": f"{values[0]:.1f}", "patients": f"{values[1]:.1f}"}
        for label, _rate, values in groups
    )
    return Bars(caption, (_("selected"), _("of the patients")), tuple(groups), says)


def _per_dose(answer: dict[str, Any]) -> Table:
    errors = answer.get("errors") or {name: answer.get(f"{name}_error") for name in ("selection", "none", "patients")}
    columns = [(_("True toxicity rate"), figures(truths(answer)))]
    if answer.get("efficacy"):
        columns.append((_("True response rate"), figures(answer["efficacy"])))
    place = len(columns)
    columns += [
        (_("Selected (%)"), _with_errors(answer["selection"], errors.get("selection"), 100, 1)),
        (_("Patients"), _with_errors(answer["patients"], errors.get("patients"), 1, 2)),
        (_("Toxicities"), _with_errors(answer["toxicities"], errors.get("toxicities"), 1, 2)),
    ]
    for name, head in (("responses", _("Responses")), ("backfilled", _("Backfilled"))):
        if answer.get(name):
            columns.append((head, _with_errors(answer[name], None, 1, 2)))
    if answer.get("allocation"):
        columns.append((_("Share of a trial’s patients (%)"), [percent(each) for each in answer["allocation"]]))
    rows = [
        (str(dose), *(column[dose - 1] for _head, column in columns)) for dose in range(1, len(answer["selection"]) + 1)
    ]
    none = [""] * len(columns)
    [none[place]] = _with_errors([answer["none"]], None if errors.get("none") is None else [errors["none"]], 100, 1)
    heads = (_("Dose"), *(head for head, _column in columns))
    return Table(_("Operating characteristics by dose"), heads, (*rows, (_("none"), *none)))


def _with_errors(values: list[float], errors: list[float] | None, scale: float, digits: int) -> list[str]:
    texts = [f"{scale * value:.{digits}f}" for value in values]
    if errors is None:
        return texts
    return [f"{text} ({scale * error:.{digits + 1}f})" for text, error in zip(texts, errors, strict=True)]


def _whole(answer: dict[str, Any]) -> Facts:
    errors = answer.get("errors") or {}

    def one(name: str, value: float, scale: float = 1, digits: int = 2) -> str:
        return _with_errors([value], [errors[name]] if errors.get(name) is not None else None, scale, digits)[0]

    total_n, total_y = sum(answer["patients"]), sum(answer["toxicities"])
    rows = [
        (_("Expected patients"), one("total_patients", answer.get("total_patients", total_n))),
        (_("Expected toxicities"), one("total_toxicities", answer.get("total_toxicities", total_y))),
    ]
    if answer.get("sizes"):
        counts = sorted(int(n) for n in answer["sizes"])
        rows.append((_("Fewest and most patients"), f"{counts[0]}, {counts[-1]}"))
    over = _("Probability that over %s %% of the planned patients are treated above the target rate")
    for share in ("60", "80"):
        if (value := answer.get(f"overdose_{share}")) is not None:
            rows.append((over % share, one(f"overdose_{share}", value, 100, 1) + " %"))
    if answer.get("duration") is not None:
        error = answer.get("duration_error")
        mean = _with_errors([answer["duration"]], None if error is None else [error], 1, 2)[0]
        rows.append((_("Mean duration, in the unit of the observation window"), mean))
    more = {
        "duration_deviation": _("Standard deviation of the duration"), "suspended": _("Mean time for which accrual waits"),
        "turned_away": _("Patients turned away on average"),
    }  # fmt: skip
    rows += [(text, f"{answer[name]:.2f}") for name, text in more.items() if answer.get(name) is not None]
    return Facts(_("Operating characteristics of the whole trial"), tuple(rows))


def _two_agents(answer: dict[str, Any]) -> list[Block]:
    blocks: list[Block] = [Paragraph(made(answer))]
    parts = (
        ("truth", _("True toxicity rates"), 1, 2), ("selection", _("Selected (%)"), 100, 1),
        ("patients", _("Expected patients"), 1, 2), ("toxicities", _("Expected toxicities"), 1, 2),
    )  # fmt: skip
    for name, text, scale, digits in parts:
        errors = answer.get(f"{name}_error")
        most = max(value for row in answer[name] for value in row) or 1.0
        rows = []
        for a, row in enumerate(answer[name], start=1):
            texts = _with_errors(row, errors and errors[a - 1], scale, digits)
            rows.append((str(a), tuple(Cell(each, shade=value / most) for each, value in zip(texts, row, strict=True))))
        heads = tuple(str(b) for b in range(1, len(answer[name][0]) + 1))
        blocks.append(Grid(text, _("First agent"), _("Second agent"), heads, tuple(rows)))
    none = _with_errors([answer["none"]], [answer["none_error"]], 100, 1)[0]
    facts = (
        (_("No combination is selected"), f"{none} %"),
        (_("What is nearest to the target is selected"), f"{percent(answer['correct'])} %"),
        (_("Expected patients"), f"{answer['total_patients']:.2f}"),
        (_("Expected toxicities"), f"{answer['total_toxicities']:.2f}"),
    )
    return [*blocks, Facts(_("Operating characteristics of the whole trial"), facts)]
