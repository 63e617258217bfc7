"""Points of the ledger that a package can be made of."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from helmont.core.errors import NotFound
from helmont.core.ledger.checkpoints import latest_checkpoint, origin, signer
from helmont.core.ledger.models import Entry
from helmont.core.ledger.store import log_size, open_tree, read_entry
from helmont.core.ledger.tlog.notes import Checkpoint
from helmont.core.projections.runner import catch_up
from helmont.core.transactions import format_time
from helmont.datasets.queries import EVERYTHING, Data, as_of, live
from helmont.reports.package import Point


def size_at(study: str, given: str) -> int:
    """How many entries there are up to and including what ``given`` names: the number of an entry (they begin at 0), or a
    time in ISO 8601 (a date: its last moment, UTC). Raises ``NotFound``; ``ValueError`` when it is neither.
    """
    if given.isdigit():
        size = int(given) + 1
    else:
        moment = datetime.fromisoformat(given)
        if len(given) == len("2026-11-22"):
            moment = datetime.combine(date.fromisoformat(given), time.max)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        last = Entry.objects.filter(log=study, time__lte=format_time(moment)).order_by("-sequence")
        sequence = last.values_list("sequence", flat=True).first()
        size = 0 if sequence is None else sequence + 1
    if not 0 < size <= log_size(study):
        raise NotFound(f"{study} {given}")
    return size


def data_and_point(study: str, size: int | None = None) -> tuple[Data, Point]:
    """The data sets after the first ``size`` entries (all of them unless said otherwise), and that point of the ledger.

    The data sets that follow the ledger are taken when they stand at that very point; otherwise they are made anew from it.
    """
    now = log_size(study)
    if not now:
        raise NotFound(study)
    size = now if size is None else size
    data = None
    if size == now:
        catch_up("datasets")
        data = live(study, EVERYTHING)
    if data is None or data.size != size:
        data = as_of(study, size, EVERYTHING)
    tree, _ = open_tree(study, size)
    root = tree.root()
    note = latest_checkpoint(study, size) or Checkpoint(origin(study), size, root).sign(signer(study))
    last = read_entry(study, size - 1)
    if last is None:
        raise NotFound(f"{study} {size}")
    moment = datetime.fromisoformat(last.time).replace(microsecond=0)
    return data, Point(study, data.version, size, root.hex(), note, moment)
