"""Reference ranges from a CSV file: each line tried in turn, without writing, and then added."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from helmont.core.actions import Job, authorise
from helmont.core.errors import Invalid, Refused
from helmont.core.permissions import Actor
from helmont.core.rows import Rows
from helmont.core.transactions import Transaction
from helmont.core.writer import perform_all
from helmont.labs.actions.ranges import AddRange
from helmont.labs.ranges import FIELDS

COLUMNS = ("laboratory", "analyte", *FIELDS)
NEEDED = {"analyte", "unit"}
MAX_BYTES, MAX_LINES = 2_000_000, 5_000


@dataclass(frozen=True)
class RangeLine:
    """One line: what would be added (``action``), or why it is refused."""

    line: int
    title: str
    action: AddRange | None
    message: str = ""


def plan_ranges(study: str, laboratory: str, data: bytes, actor: Actor) -> list[RangeLine]:
    """What adding the lines of a file would do. Raises ``Refused`` for a file that is none."""
    if len(data) > MAX_BYTES:
        raise Refused(_("The file is larger than %(most)s bytes.") % {"most": MAX_BYTES})
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        head = [name.strip() for name in rows.fieldnames or ()]
        if not set(head) >= NEEDED or not set(head) <= set(COLUMNS) or len(set(head)) != len(head):
            raise Refused(
                _("The headings are not those of ranges; accepted: %(names)s.") % {"names": ", ".join(COLUMNS)}
            )
        rows.fieldnames = head
        tx = Transaction(Rows(), study, datetime.now(UTC), actor.timezone)
        found = []
        for row in rows:
            found.append(_try(study, laboratory, row, rows.line_num, tx, actor))
            if len(found) > MAX_LINES:
                raise Refused(_("The file has more than %(most)s lines.") % {"most": MAX_LINES})
    except UnicodeDecodeError as error:
        raise Refused(_("The file is not UTF-8 text; save it as UTF-8.")) from error
    except csv.Error as error:
        raise Refused(_("The file is not CSV: %(why)s.") % {"why": error}) from error
    return found


def _try(
    study: str, laboratory: str, row: dict[str | None, str | list[str] | None], line: int, tx: Transaction, actor: Actor
) -> RangeLine:
    """One line on the transaction that holds the lines before it, so that two of the file may not overlap either."""
    given = {name: value.strip() for name, value in row.items() if name and isinstance(value, str)}
    title = " ".join(given.get(name, "") for name in ("analyte", "low", "high", "unit")).strip()
    if None in row or len(given) != len(row):
        return RangeLine(line, title, None, _("The line has not one cell for each heading."))
    given.setdefault("laboratory", laboratory)
    given["laboratory"] = given["laboratory"] or laboratory
    given["age_unit"] = given.get("age_unit") or "a"
    action = AddRange(study=study, **given)
    try:
        authorise(action, tx, actor)
        action.perform(tx, actor)
    except Invalid as refusal:
        return RangeLine(line, title, None, "; ".join(f"{f.place}: {f.message}" for f in refusal.faults))
    except Refused as refusal:
        return RangeLine(line, title, None, str(refusal.message))
    return RangeLine(line, title, action)


def add_ranges(lines: list[RangeLine], actor: Actor, source: dict[str, str]) -> tuple[int, list[str]]:
    """Add the lines that were accepted; how many were, and why others were refused in the meantime."""
    jobs = [Job(line.action, actor, dict(source)) for line in lines if line.action]
    outcomes = perform_all(jobs) if jobs else []
    refused = [str(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
    return len(jobs) - len(refused), refused
