"""The figures: what was measured, what is promised, and how the two are shown."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measured value. ``target`` is the least (``at_least``) or the most promised; None: for information."""

    database: str
    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def promise(self) -> str:
        return "" if self.target is None else f"{'≥' if self.at_least else '≤'} {self.target:g} {self.unit}"


def machine() -> str:
    """What was measured on: processor, cores, memory, system and Python; and how busy it was with other things."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    load = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}, load before {load:.1f}"
    )


def show(console: Console, figures: Sequence[Figure]) -> None:
    """The figures as a table: ✓ promise kept, ✗ not."""
    table = Table("database", "figure", "measured", "promised", "")
    for column in table.columns[2:4]:
        column.justify = "right"
    for figure in figures:
        mark = {None: "", True: "[green]✓[/green]", False: "[red]✗[/red]"}[figure.met]
        table.add_row(figure.database, figure.name, f"{figure.value:,.4g} {figure.unit}", figure.promise, mark)
    console.print(table)


def as_json(machine_line: str, figures: Sequence[Figure]) -> dict[str, Any]:
    return {"machine": machine_line, "figures": [{**asdict(figure), "met": figure.met} for figure in figures]}
