"""How every method agrees with its references."""

from __future__ import annotations

import json

import click

from helmont.cli.design.asking import as_json
from helmont.cli.progress import bar


@click.command()
@click.argument("topics", nargs=-1)
@as_json
def conform(topics: tuple[str, ...], as_json: bool) -> None:
    """Run every method against its reference numbers; exit code 1 when one differs by more than it may.

    TOPICS narrow it to some groups of methods.
    """
    from helmont.design import conformity

    known = conformity.topics()
    if unknown := set(topics) - set(known):
        raise click.UsageError(f"no such topic: {', '.join(sorted(unknown))}; there are: {', '.join(known)}")
    compared: list[conformity.Comparison] = []
    with bar() as shown:
        task = shown.add_task("topics", total=len(topics or known))
        for topic in topics or known:
            compared += conformity.comparisons(topic)
            shown.advance(task)
    summaries = conformity.summarised(compared)
    if as_json:
        click.echo(json.dumps([each.to_dict() for each in compared], indent=2, ensure_ascii=False))
    else:
        from rich.console import Console
        from rich.table import Table

        lines = Table("method", "source", "cases", "numbers", "largest difference", "")
        for each in summaries:
            largest = ", ".join(
                "none" if not value else f"{value:.1e} {_UNIT[name]}" for name, value in each.largest.items()
            )
            lines.add_row(
                each.method, each.source, str(each.cases), str(each.values), largest, "✗" if each.failed else "✓"
            )
        Console(highlight=False).print(lines)
        for each in summaries:
            for failed in each.failed:
                click.echo(f"{each.method}: {failed} differs by more than it may", err=True)
    if any(each.failed for each in summaries):
        raise SystemExit(1)


_UNIT = {"equal": "", "absolute": "", "relative": " relative", "standard errors": " standard errors"}
