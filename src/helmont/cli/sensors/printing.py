"""Results as tables: endpoints down, days or nights across, wear above those that share it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from helmont.signals.endpoints import EndpointDefinition, Result, Zones
    from helmont.signals.endpoints.analysing import Analysis
    from helmont.signals.recording import Recording

NAMES, COLUMN = 52, 13
"""Characters that titles and units take, and those that a day takes."""


def printed(recording: Recording, found: Analysis, zones: Zones) -> None:
    """What the file holds, the tables, why values do not count, and what was found on reading."""
    begin, finish = (zones.local(moment) for moment in (found.start, found.end))
    click.echo(f"Recorded from {begin:%d %b %Y %H:%M} to {finish:%d %b %Y %H:%M} ({zones.first})")
    for name, signal in recording.signals.items():
        click.echo(f"  {name}: {signal.channel.kind.replace('_', ' ')}, {len(signal):,} samples")
    for name, one in found.calibrations.items():
        said = (
            f"the mean distance from 1 g went from {one.before:.1f} to {one.after:.1f} mg" if one.done else one.reason
        )
        click.echo(f"  {name}: {'calibrated' if one.done else 'not calibrated'}, {said}")
    console = Console(highlight=False)
    told: dict[str, str] = {}
    for window, definitions in _by_window(found.definitions):
        ids = [definition.id for definition in definitions]
        results = [result for result in found.results if result.endpoint in ids]
        labels = list(dict.fromkeys(result.label for result in results))
        across = max((console.width - NAMES) // COLUMN, 1)
        for first in range(0, len(labels), across):
            table = _table(window, definitions, results, labels[first : first + across], told)
            console.print(table)
    for reason, mark in told.items():
        click.echo(f"{mark} does not count: {reason}")
    for name, fault in found.refused.items():
        click.echo(f"{name}: {fault}")
    for finding in recording.findings:
        click.echo(f"{finding.place}: {finding.message}")


def _by_window(definitions: Sequence[EndpointDefinition]) -> list[tuple[str, list[EndpointDefinition]]]:
    """Days, then nights, then the whole recording."""
    order = ("day", "night", "visit window")
    ordered = sorted(definitions, key=lambda definition: order.index(definition.window))
    return [(str(window), list(group)) for window, group in groupby(ordered, key=lambda one: one.window)]


def _table(
    window: str,
    definitions: Sequence[EndpointDefinition],
    results: Sequence[Result],
    labels: Sequence[str],
    told: dict[str, str],
) -> Table:
    """One table; ``told`` gathers the reasons that it needs, each with its mark."""
    table = Table(window if window != "visit window" else "", "unit")
    for label in labels:
        table.add_column(label, justify="right", no_wrap=True)
    worn: tuple[str, list[str]] | None = None
    for definition in definitions:
        each = {result.label: result for result in results if result.endpoint == definition.id}
        channel = next((result.channel for result in each.values() if result.channel), "") or ""
        its = channel, [_hours(each[label]) for label in labels]
        if its != worn:
            table.add_section()
            if any(its[1]):
                hours = (f"[dim]{one}[/dim]" for one in its[1])
                table.add_row(f"[dim]{channel}: hours with data[/dim]", "[dim]h[/dim]", *hours)
            worn = its
        table.add_row(definition.title("en"), escape(definition.unit), *(_cell(each[label], told) for label in labels))
    return table


def _hours(result: Result) -> str:
    return "" if result.wear is None else f"{result.wear / 60:.1f}"


def _cell(result: Result, told: dict[str, str]) -> str:
    from helmont.signals.endpoints import REASONS

    value = "–" if result.value is None else number(result.value)
    if result.reason is None:
        return value
    mark = told.setdefault(REASONS[result.reason], "*" * (len(told) + 1))
    return f"{value} {mark}"


def number(value: float) -> str:
    """Four digits that matter, without an exponent."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}" if abs(value) >= 0.001 or value == 0 else f"{value:.1g}"
