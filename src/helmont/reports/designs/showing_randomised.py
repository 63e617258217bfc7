"""Randomisation on paper: an example that says that it is one, its seal, balance and predictability."""

from __future__ import annotations

from typing import Any

from helmont.reports.designs.blocks import Block, Curves, Facts, Line, Paragraph, Table
from helmont.reports.designs.language import _
from helmont.reports.designs.showing_confirmatory import ticks
from helmont.reports.designs.showing_general import cut
from helmont.reports.designs.words import figure, percent

BESIDE = 3
"""Entries of a list side by side."""


def example_list(answer: dict[str, Any]) -> list[Block]:
    """Not the list of the trial, which nobody may know."""
    blocks = any(entry["block"] is not None for entry in answer["entries"])
    strata = any(entry["stratum"] for entry in answer["entries"])
    entries = [
        tuple(
            figure(entry[name])
            for name in ("stratum", "number", "arm", "block")
            if (name != "stratum" or strata) and (name != "block" or blocks)
        )
        for entry in answer["entries"]
    ]
    heads = ((_("Stratum"),) if strata else ()) + (_("Number"), _("Arm")) + ((_("Block"),) if blocks else ())
    height = -(-len(entries) // BESIDE)
    empty = ("",) * len(heads)
    rows = [
        sum((entries[place] if place < len(entries) else empty for place in range(row, height * BESIDE, height)), ())
        for row in range(height)
    ]
    shown, notes = cut(rows)
    words = tuple(place for place in range(len(heads) * BESIDE) if strata and place % len(heads) == 0)
    return [
        Paragraph(
            _(
                "This list is an example, for the seed that is named with it. The list of the trial has a seed of its own, which "
                "stays secret; only its seal is made known before the first participant."
            )
        ),
        Table(_("Example list, seed %s") % answer["seed"], heads * BESIDE, shown, words, notes=notes),
    ]


def seal(answer: str) -> list[Block]:
    return [Facts("", ((_("SHA-256 of its canonical JSON"), answer),))]


def balance(answer: dict[str, Any]) -> list[Block]:
    """Imbalance after each patient, and how well an observer guesses."""
    patients = range(1, len(answer["imbalance"]) + 1)
    lines = (
        Line(_("mean"), tuple(zip(map(float, patients), answer["imbalance"], strict=True))),
        Line(_("largest"), tuple(zip(map(float, patients), answer["largest"], strict=True)), "dashed"),
    )
    chart = Curves(
        _("Imbalance after each patient"), _("patients"), _("imbalance"), ticks(0.0, float(len(patients))),
        ticks(0.0, max(1.0, *answer["largest"])), lines,
        _("after the last patient the mean imbalance is %(mean)s, the largest %(largest)s")
        % {"mean": f"{answer['imbalance'][-1]:.3f}", "largest": f"{answer['largest'][-1]:g}"},
    )  # fmt: skip
    error = answer["correct_guess_error"]
    facts = (
        (_("Mean imbalance at the end"), figure(answer["imbalance"][-1])),
        (_("Its standard deviation"), figure(answer["final_deviation"])),
        (_("Largest imbalance at the end"), figure(answer["largest"][-1])),
        (_("Correct guesses of an observer"), f"{percent(answer['correct_guess'])} % ({100 * error:.2f})"),
        (_("Correct guesses by the ratio alone"), f"{percent(answer['chance'])} %"),
        (_("Allocations that are certain before"), f"{percent(answer['certain'])} %"),
        (_("Share of the patients by arm"), ", ".join(f"{percent(each)} %" for each in answer["arms"])),
    )
    said = _(
        "Simulated: %(trials)s trials, seed %(seed)s, generator PCG64 (numpy). The observer knows the past allocations and "
        "guesses the arm that is furthest behind (Blackwell & Hodges 1957). The Monte Carlo standard error is in parentheses."
    ) % {"trials": f"{answer['trials']:,}", "seed": answer["seed"]}
    return [Paragraph(said), chart, Facts("", facts)]


def allocations(answer: list[dict[str, Any]], patients: tuple[dict[str, Any], ...]) -> list[Block]:
    """The arms of patients who come one after another."""
    rows = tuple(
        (
            str(place), ", ".join(f"{name} {level}" for name, level in patient.items()), figure(each["imbalance"]),
            figure(each["preferred"]), figure(each["probabilities"]), figure(each["draw"]), str(each["arm"]),
        )
        for place, (patient, each) in enumerate(zip(patients, answer, strict=True), start=1)
    )  # fmt: skip
    heads = (
        _("Patient"), _("Levels"), _("Imbalance if on each arm"), _("Preferred"), _("Chances"), _("Draw"), _("Arm"),
    )  # fmt: skip
    return [Table(_("Example: patients in the order of entry"), heads, rows, (1,))]
