"""The edit checks of a published version with the tests that came with them, run again as the page is shown."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from helmont.study.check_tests import run_tests, untested
from helmont.study.model import CheckTest
from helmont.web.studies.definition import Words, published_version


@require_safe
def checks(request: HttpRequest, study: str) -> HttpResponse:
    """Every check with its expression, message and tests; of one form with ``?form=``."""
    published, ready, versions = published_version(request, study)
    language, form = get_language() or "en", request.GET.get("form", "")
    tried = run_tests(ready)
    rows = [
        {
            "check": check,
            "message": Words.of(check.message, language),
            "form": ready.forms[check.form].form.title.get(language)[0],
            "tests": [(each, list(_given(each.test))) for each in tried if each.check is check],
        }
        for check in ready.study.checks
        if form in ("", check.form)
    ]
    context = {
        "published": published,
        "versions": versions,
        "rows": rows,
        "form": form,
        "forms": [(each.id, each.form.title.get(language)[0]) for each in ready.forms.values() if each.checks],
        "checks": len(ready.study.checks),
        "tests": len(tried),
        "passed": sum(each.passed for each in tried),
        "untested": len(untested(ready.study)),
    }
    return render(request, "web/studies/checks.html", context)


def _given(test: CheckTest) -> Iterator[tuple[str, str]]:
    """The values of a test by the names under which expressions know them."""
    yield from test.values.items()
    for root, forms in (("here", test.here), ("previous", test.previous)):
        for form, values in forms.items():
            yield from ((f"{root}.{form}.{item}", value) for item, value in values.items())
    for encounter, there in test.at.items():
        for form, values in there.items():
            yield from ((f"at.{encounter}.{form}.{item}", value) for item, value in values.items())
    for form, lines in test.log.items():
        if not lines:
            yield f"log.{form}", "–"
        for number, line in enumerate(lines, 1):
            yield f"log.{form}[{number}]", ", ".join(f"{item} {value}" for item, value in line.items())
    for root, given in (("visit", test.visit), ("participant", test.participant)):
        yield from ((f"{root}.{name}", value) for name, value in given.items())
    if test.today:
        yield "today", test.today
