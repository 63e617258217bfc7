"""A device's value in the record, computed once more from the samples."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from helmont.cli.setup import home_option, prepare_database, with_django

if TYPE_CHECKING:
    from helmont.sensors.queries.explaining import Explained


@click.command()
@click.argument("participant", metavar="STUDY/NUMBER")
@click.argument("form", metavar="ENCOUNTER/FORM")
@click.argument("item")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON, with every batch.")
@home_option
@with_django
def explain(participant: str, form: str, item: str, as_json: bool) -> None:
    """Compute the value of ITEM of a form again from the samples, and say whether it is the same to the last digit.

    For example: helmont sensors explain STUDY/701-001 WEEK_2/ACTIVITY MVPA. Exit code 1 when it is another value.
    """
    from helmont.core.errors import NotFound
    from helmont.sensors.queries.explaining import explained

    prepare_database()
    try:
        found = explained(f"{participant}/{form}", item)
    except NotFound:
        raise click.ClickException(f"{participant}/{form} has no item {item} that a device filled") from None
    if as_json:
        click.echo(json.dumps(_plain(found), indent=2, ensure_ascii=False))
    else:
        _print(found)
    if not found.same:
        raise SystemExit(1)


def _plain(found: Explained) -> dict[str, Any]:
    entry = found.entry
    return {
        "endpoint": entry.endpoint,
        "definition": entry.digest,
        "unit": entry.unit,
        "recorded": {
            "value": entry.value,
            "reason": entry.reason,
            "basis": entry.basis,
            "item": entry.entered.get("value"),
        },
        "computed": {"value": found.value, "reason": found.reason, "basis": found.basis},
        "held": found.held,
        "same": found.same,
        "same_basis": found.same_basis,
        "personal": found.personal,
        "batches": [{"batch": each.key, "sequence": each.sequence, "sha256": each.digest} for each in found.batches],
    }


def _print(found: Explained) -> None:
    entry = found.entry
    sequences = [batch.sequence for batch in found.batches]
    span = f", entries {min(sequences)} to {max(sequences)} of the ledger" if sequences else ""
    click.echo(f"{entry.item} of {entry.form}: {entry.endpoint}")
    click.echo(f"recorded  {entry.value or entry.reason} {entry.unit}")
    click.echo(f"computed  {found.value or found.reason} {entry.unit}, from {len(found.batches)} batches{span}")
    for name, values in found.personal.items():
        for one in values:
            click.echo(f"with      {name} {one['value']:g} {one['unit']}, of {one['source']}, since {one['since']}")
    click.echo("the same to the last digit" if found.same else "another value")
    if not found.same_basis:
        click.echo(
            "samples, corrections or values of the record came since it was recorded; it is entered anew when results are"
        )
    if not found.same_item:
        click.echo(f"the item holds {found.held}, not what the device measured")
