"""The end of a run at the terminal: what was sent, what became of it, and whether the installation holds it."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from helmont.cli.sensors.simulating.tally import Tally
from helmont.cli.sensors.simulating.verifying import Verification


def report(tally: Tally, verification: Verification | None, run: dict[str, Any]) -> dict[str, Any]:
    """Everything as plain data; ``run`` says what was asked for."""
    said = {"run": run, "sending": tally.to_dict()}
    if verification is not None:
        said["verification"] = verification.to_dict()
    clean = tally.clean and (verification is None or verification.clean)
    return {**said, "clean": clean}


def printed(tally: Tally, verification: Verification | None) -> None:
    """A table of the figures, and what is wrong in words."""
    table = Table("figure", "value")
    table.columns[1].justify = "right"
    for name, value in tally.to_dict().items():
        if name != "refused":
            table.add_row(name, "–" if value is None else f"{value:,}")
    for reason, many in tally.refused.most_common():
        table.add_row(f"refused: {reason}", f"{many:,}")
    console = Console(highlight=False)
    console.print(table)
    if verification is None:
        return
    sent, kept = verification.counts
    console.print(
        f"{verification.batches:,} acknowledged batches read back; counts add up to {sent:,} sent and {kept:,} kept;"
        f" {verification.entries:,} entries of the ledger verified: {'clean' if verification.clean else 'not clean'}"
    )
    for what, names in (
        ("missing", verification.missing),
        ("different", verification.different),
        ("recorded twice", verification.twice),
        ("ledger", verification.faults),
    ):
        for name in names:
            console.print(f"  {what}: {name}")
