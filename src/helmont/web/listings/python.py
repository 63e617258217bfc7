"""Python over a snapshot, in the reader's own browser: Pyodide runs in a worker that can ask this snapshot and nothing else.

The server never runs anybody's Python. The worker is a script with a policy of its own (Content-Security-Policy): WebAssembly is
allowed there, and of all addresses only the interpreter's files and this snapshot's answers, so that code pasted from elsewhere
can neither read another page in the reader's name nor send anything away.
"""

from __future__ import annotations

from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from helmont.listings.actions import LONGEST_SQL
from helmont.listings.sandbox import run, tables
from helmont.listings.snapshots import file_of
from helmont.web.listings.workbench import opened, there

ROWS = 200_000  # of an answer: a page of a browser holds that many rows well
WORKER = Path(__file__).resolve().parent.parent / "static" / "helmont" / "python" / "worker.js"
EXAMPLE = """\
from statistics import mean, stdev

rows = sql("SELECT site, count(*) AS participants FROM participants GROUP BY site ORDER BY site")
print(f"{mean(row['participants'] for row in rows):.1f} participants a site")
rows
"""


@require_safe
def python(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """The page: code, its output, and the tables of the snapshot."""
    row = opened(request, study, number)
    here = there(row)
    context = {
        "snapshot": row,
        "number": number,
        "there": here,
        "tables": list(tables(file_of(row)).items()) if here else [],
        "example": EXAMPLE,
        "rows_most": ROWS,
    }
    return render(request, "web/listings/python.html", context)


@never_cache
@require_safe
def worker(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """The worker's script, held to what it may reach."""
    opened(request, study, number)
    origin = f"{request.scheme}://{request.get_host()}"
    files = f"{origin}{static('pyodide/')}"
    answers = f"{origin}{reverse('listings:answer', args=[study, number])}"
    response = HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {files} 'wasm-unsafe-eval'; connect-src {files} {answers}"
    )
    return response


@require_POST
def answer(request: HttpRequest, study: str, number: str) -> HttpResponse:
    """The rows of one statement, as JSON: ``columns``, ``rows``, ``truncated``, or ``error`` with status 422."""
    row = opened(request, study, number)
    found = run(file_of(row), request.POST.get("sql", "")[:LONGEST_SQL], rows=ROWS)
    if found.error:
        return JsonResponse({"error": found.error}, status=422)
    columns = [name for name, _kind in found.columns]
    return JsonResponse({"columns": columns, "rows": found.rows, "truncated": found.truncated})
