"""The workbench: pinned snapshots, SQL over one of them in the browser, and its file for a notebook."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from helmont.core import sql
from helmont.core.errors import NotFound
from helmont.core.people.models import Person
from helmont.listings.actions import LONGEST_SQL, RemoveListing, SaveListing
from helmont.listings.models import Snapshot
from helmont.listings.queries import listing_for, listings_for
from helmont.listings.sandbox import ROWS, SECONDS, Answer, run, tables
from helmont.listings.snapshots import checked_title, file_of, snapshot_for, snapshots_for
from helmont.studies.models import Study
from helmont.web.access import act, actor, may_somewhere, require_somewhere, study_or_404, today
from helmont.web.listings.jobs import make_snapshot, wanted
from helmont.web.listings.notebook import notebook
from helmont.web.worklist.views import safe_cell

SHOWN = 500
EXAMPLE = "SELECT site, count(*) AS participants\nFROM participants\nGROUP BY site\nORDER BY site"


def _study(request: HttpRequest, study: str) -> Study:
    found = study_or_404(request, study)
    require_somewhere(request, "export.read", study)
    return found


def opened(request: HttpRequest, study: str, number: str) -> Snapshot:
    """The snapshot of the address; 404 where the person may not open it."""
    _study(request, study)
    return snapshot_for(actor(request), f"{study}/snapshots/{number}", today(request))


def there(snapshot: Snapshot) -> bool:
    """Whether its file is still kept; a redaction removes it."""
    try:
        file_of(snapshot)
    except NotFound:
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def snapshots(request: HttpRequest, study: str) -> HttpResponse:
    """The snapshots; a POST has one made of the data as they are then."""
    _study(request, study)
    person, day = actor(request), today(request)
    if request.method == "POST":
        require_somewhere(request, "snapshot.make", study)
        title = checked_title(request.POST.get("title", ""))
        with sql.turn():
            make_snapshot.enqueue(study, person.handle, title)
        messages.success(request, _("The snapshot is being made. You may leave this page meanwhile."))
        return redirect("listings:snapshots", study)
    rows = snapshots_for(person, study, day)
    names = dict(Person.objects.filter(handle__in={each.maker for each in rows}).values_list("handle", "name"))
    context = {
        "rows": [
            {
                "snapshot": each,
                "number": each.key.rsplit("/", 1)[1],
                "maker": names.get(each.maker, each.maker),
                "there": there(each),
            }
            for each in rows
        ],
        "wanted": wanted(person, study),
        "may_make": may_somewhere(request, "snapshot.make", study),
    }
    return render(request, "web/listings/snapshots.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def snapshot(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """One snapshot: what is in it, and a statement over it. A POST carries the statement out, or keeps it."""
    row = opened(request, study, number)
    if request.method == "POST":
        verb = request.POST.get("then", "run")
        if verb in ("keep", "remove"):
            return _keep(request, study, number, verb)
        answer = run(file_of(row), request.POST.get("sql", "")[:LONGEST_SQL])
        if verb == "csv" and not answer.error:
            return _file(f"{study}-{number}", answer)
        return _page(request, study, row, request.POST.get("sql", ""), answer)
    return _page(request, study, row, "", None)


def _keep(request: HttpRequest, study: str, number: str, verb: str) -> HttpResponse:
    address = reverse("listings:snapshot", args=[study, number])
    kept = request.POST.get("kept", "")
    if verb == "remove":
        act(request, RemoveListing(f"{study}/listings/{kept}"))
        messages.success(request, _("The statement was removed."))
        return redirect(address)
    statement = {"sql": request.POST.get("sql", "")}
    title, shared = request.POST.get("title", ""), bool(request.POST.get("shared"))
    key = act(request, SaveListing(study, title, statement, kind="sql", shared=shared))["key"]
    messages.success(request, _("The statement is kept."))
    return redirect(f"{address}?kept={key.rsplit('/', 1)[1]}")


def _page(request: HttpRequest, study: str, row: Snapshot, sql: str, answer: Answer | None) -> HttpResponse:
    person, day = actor(request), today(request)
    kept = request.GET.get("kept", "")
    statements = listings_for(person, study, day, "sql") if may_somewhere(request, "listing.read", study) else []
    if kept and not sql:
        chosen = listing_for(person, f"{study}/listings/{kept}", day)
        sql = str(chosen.definition.get("sql", ""))
    here = there(row)
    context: dict[str, Any] = {
        "snapshot": row,
        "number": row.key.rsplit("/", 1)[1],
        "there": here,
        "tables": list(tables(file_of(row)).items()) if here else [],
        "sql": sql or EXAMPLE,
        "answer": answer,
        "columns": [(name, kind, _is_number(kind)) for name, kind in answer.columns] if answer else [],
        "rows": _shown(answer) if answer else [],
        "most": ROWS,
        "shown_most": SHOWN,
        "seconds": SECONDS,
        "statements": [(each, each.key.rsplit("/", 1)[1], each.owner == person.handle) for each in statements],
        "kept": kept,
        "may_keep": may_somewhere(request, "listing.read", study),
        "may_share": may_somewhere(request, "listing.share", study),
        "longest": LONGEST_SQL,
    }
    return render(request, "web/listings/snapshot.html", context, status=422 if answer and answer.error else 200)


def _shown(answer: Answer) -> list[list[tuple[Any, bool]]]:
    """The rows that fit on the page: each value, and whether it is a figure."""
    figures = [_is_number(kind) for _name, kind in answer.columns]
    return [list(zip(row, figures, strict=True)) for row in answer.rows[:SHOWN]]


def _is_number(kind: str) -> bool:
    return kind.split("(")[0] in {"BIGINT", "INTEGER", "DOUBLE", "DECIMAL", "HUGEINT", "FLOAT", "UBIGINT", "SMALLINT"}


def _file(name: str, answer: Answer) -> HttpResponse:
    file = io.StringIO()
    file.write("\ufeff")
    writer = csv.writer(file)
    writer.writerow([name for name, _kind in answer.columns])
    writer.writerows([safe_cell(each) if isinstance(each, str) else each for each in row] for row in answer.rows)
    response = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@require_safe
def download(request: HttpRequest, study: str, number: str) -> FileResponse:
    """The snapshot's file, for a notebook."""
    _study(request, study)
    row = snapshot_for(actor(request), f"{study}/snapshots/{number}", today(request))
    name = f"{study}-{number}.duckdb"
    return FileResponse(
        file_of(row).open("rb"), as_attachment=True, filename=name, content_type="application/vnd.duckdb"
    )


@require_safe
def notebook_file(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """A notebook that opens the snapshot."""
    _study(request, study)
    row = snapshot_for(actor(request), f"{study}/snapshots/{number}", today(request))
    file_of(row)
    address = request.build_absolute_uri(reverse("api:snapshot_file", args=[study, number]))
    document = notebook(row, f"{study}-{number}.duckdb", address, EXAMPLE)
    response = HttpResponse(json.dumps(document, indent=1), content_type="application/x-ipynb+json")
    response["Content-Disposition"] = f'attachment; filename="{study}-{number}.ipynb"'
    return response
