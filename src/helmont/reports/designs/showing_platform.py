"""What a platform trial does on average under a truth: what becomes of each arm, and what it takes."""

from __future__ import annotations

from typing import Any

from helmont.reports.designs.blocks import Block, Facts, Paragraph, Table
from helmont.reports.designs.language import _
from helmont.reports.designs.showing_characteristics import made
from helmont.reports.designs.words import figures, rows_of


def scenario(answer: dict[str, Any]) -> list[Block]:
    """Arms in rows, and the platform as a whole."""
    arms: list[dict[str, Any]] = answer["arms"]
    return [
        Paragraph(made(answer)),
        Paragraph(answer["statement"], english=True),
        _decided(arms),
        _taken(arms),
        _whole(answer),
    ]


def _decided(arms: list[dict[str, Any]]) -> Table:
    heads = (_("Arm"), _("Truth"), _("Success (%)"), _("Futility (%)"), _("Neither at its cap (%)"), _("Withdrawn (%)"))
    rows = zip(
        [arm["arm"] for arm in arms],
        figures([arm["truth"] for arm in arms]),
        *([_with_error(arm, name, 100, 1) for arm in arms] for name in ("success", "futility", "cap")),
        [f"{100 * arm['withdrawn']:.1f}" for arm in arms],
        strict=True,
    )
    return Table(_("What becomes of each arm"), heads, tuple(rows), (0,))


def _taken(arms: list[dict[str, Any]]) -> Table:
    heads = (
        _("Arm"), _("Patients"), _("Concurrent controls"), _("Other controls"), _("Duration"), _("Bias"), _("Mean squared error"),
    )  # fmt: skip
    rows = zip(
        [arm["arm"] for arm in arms],
        [_with_error(arm, "patients", 1, 1) for arm in arms],
        *([f"{arm[name]:.1f}" for arm in arms] for name in ("concurrent", "other", "duration")),
        ["–" if arm["bias"] is None else _with_error(arm, "bias", 1, 3) for arm in arms],
        rows_of([[arm["mean_squared_error"] for arm in arms]]),
        strict=True,
    )
    note = _(
        "The bias and the error are of the log odds ratio, or of the difference of means, when the arm is decided."
    )
    return Table(
        _("Patients, time and estimates"), heads, tuple((*row[:-1], *row[-1]) for row in rows), (0,), notes=(note,)
    )


def _whole(answer: dict[str, Any]) -> Facts:
    rows = [
        (text, _with_error(answer, name, 100, 1) + " %")
        for name, text in (
            ("familywise", _("An arm that is no better is a success")),
            ("any_power", _("An arm that is better is a success")),
            ("all_power", _("Every arm that is better is a success")),
        )
        if answer[name] is not None
    ]
    rows += [
        (_("Expected patients"), _with_error(answer, "enrolled", 1, 1)),
        (_("Expected controls"), f"{answer['control_patients']:.1f}"),
        (_("Expected duration"), _with_error(answer, "time", 1, 1)),
    ]
    return Facts(_("Operating characteristics of the whole trial"), tuple(rows))


def _with_error(values: dict[str, Any], name: str, scale: float, digits: int) -> str:
    return f"{scale * values[name]:.{digits}f} ({scale * values[name + '_error']:.{digits + 1}f})".replace("-", "−")
