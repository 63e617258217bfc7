"""Endpoints of a whole study anew, from the archive, on this machine or on a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from helmont.cli.progress import bar
from helmont.cli.setup import home_option, prepare_database, with_django

if TYPE_CHECKING:
    from helmont.samples.recomputing import Summarised
    from helmont.sensors.recomputing import Plan


@click.command()
@click.option("--study", help="The study; default: the only one there is.")
@click.option(
    "--endpoint", "endpoints", multiple=True, metavar="ID@VERSION", help="Default: all that the study declares."
)
@click.option(
    "--on",
    "where",
    metavar="WHERE",
    help="here; processes:4; ray:4, a cluster of processes of this machine; ray, the cluster RAY_ADDRESS names;"
    " ray://host:10001. Default: a process for each core.",
)
@click.option(
    "--store", "address", metavar="PLACE", help="A folder or s3://bucket/prefix; default: HELMONT_SAMPLES_STORE."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the results to a Parquet file.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@home_option
@with_django
def recompute(
    study: str | None,
    endpoints: tuple[str, ...],
    where: str | None,
    address: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Compute the endpoints of every participant again, from what was compacted into the archive.

    One function is mapped over participants' days, in processes or on a Ray cluster (helmont[cluster] on every machine, and
    a store that every machine reaches). The results are the same to the last digit wherever it runs, and those that a
    server has of the same samples; nothing of the record is changed. Samples that are still in the log are not among them:
    see helmont sensors compact --seal.
    """
    from django.conf import settings

    from helmont.core.jobs.processes import cores
    from helmont.samples.errors import LogError
    from helmont.samples.recomputing import workers
    from helmont.samples.stores import store_at
    from helmont.sensors.recomputing import plan
    from helmont.signals.errors import SignalError

    prepare_database()
    try:
        store = store_at(address or settings.HELMONT_SAMPLES_STORE)
        planned = plan(store, study or _only_study(), endpoints)
        with workers(where or f"processes:{cores()}") as executor:
            found = list(_computed(store, planned, executor))
    except (LogError, SignalError) as fault:
        click.echo(str(fault), err=True)
        raise SystemExit(1) from None
    rows = [row for each in found for row in _rows(each)]
    if out is not None:
        write(rows, out)
    if as_json:
        refused = {each.participant: each.refused for each in found if each.refused}
        click.echo(json.dumps({"results": rows, "refused": refused}, indent=1, ensure_ascii=False))
    else:
        click.echo(
            f"{len(found)} participants, {len(planned.partitions)} days of channels,"
            f" {sum(each.rows for each in found)} samples, {len(rows)} results"
        )


def _only_study() -> str:
    from helmont.studies.models import Study

    keys = list(Study.objects.order_by("key").values_list("key", flat=True)[:2])
    if len(keys) != 1:
        raise click.UsageError("there is not one study only: say which with --study")
    return str(keys[0])


def _computed(store: Any, planned: Plan, executor: Any) -> Iterator[Summarised]:
    from helmont.samples.recomputing import recompute as computed

    with bar() as progress:
        task = progress.add_task("days", total=None)

        def told(done: int, of: int) -> None:
            progress.update(task, completed=done, total=of)

        yield from computed(
            store,
            planned.partitions,
            planned.definitions,
            planned.people,
            on=executor,
            corrections=planned.corrections,
            progress=told,
        )


def _rows(of: Summarised) -> Iterator[dict[str, Any]]:
    for result in of.results:
        yield {"study": of.study, "participant": of.participant, **result.to_dict()}


def write(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """A table of results; start and end are moments in UTC, details JSON."""
    import pyarrow
    from pyarrow import parquet

    texts = ("study", "participant", "endpoint", "digest", "window", "label", "unit", "reason", "channel", "details")
    types = {
        **dict.fromkeys(texts, pyarrow.string()),
        "version": pyarrow.int64(),
        "start": pyarrow.timestamp("ns", "UTC"),
        "end": pyarrow.timestamp("ns", "UTC"),
        "value": pyarrow.float64(),
        "wear": pyarrow.float64(),
        "evaluable": pyarrow.bool_(),
    }
    names = ["study", "participant", "endpoint", "version", "digest", "window", "label", "start", "end", "unit"]
    names += ["value", "evaluable", "reason", "wear", "channel", "details"]
    schema = pyarrow.schema([(name, types[name]) for name in names])
    plain = [row | {"details": json.dumps(row["details"], sort_keys=True)} for row in rows]
    parquet.write_table(pyarrow.Table.from_pylist(plain, schema=schema), path)
