"""``/designs/all`` and a page for every kind of design: its settings, what it answers, and the appendix of a protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helmont.web.access import actor

if TYPE_CHECKING:
    from helmont.design import Declared
    from helmont.reports.designs.examples import Example
    from helmont.web.designs.answering import Row
    from helmont.web.designs.families import Family

# What designs are made with is loaded when somebody asks for one: a server that nobody asks starts sooner without it.

MOST_SCENARIOS, MOST_TRIALS = 4, 100_000
FIRST = ("doses", "target", "cohorts", "cohort_size")


@dataclass
class Page:
    """What an address asks of one kind of design. ``faults`` by field; without any there is a ``design``."""

    kind: str
    texts: dict[str, str]
    truths: list[str]
    trials: str
    seed: str
    design: Declared | None = None
    scenarios: list[Row] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    def question(self) -> tuple[str, tuple[Row, ...], int, int]:
        """As ``answer`` takes it."""
        assert self.design is not None
        return json.dumps(self.design.to_dict()), tuple(self.scenarios), int(self.trials), int(self.seed)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every design by family."""
    from helmont.reports.designs.language import speaking
    from helmont.reports.designs.words import title_of as title
    from helmont.web.designs.families import FAMILIES

    actor(request)
    with speaking(gettext):
        families = [{"family": each, "kinds": [(kind, title(kind)) for kind in each.kinds]} for each in FAMILIES]
    return render(request, "web/designs/all.html", {"families": families})


@require_safe
def kind_page(request: HttpRequest, kind: str) -> HttpResponse:
    """The page of one kind; every setting is in its address."""
    from helmont.design import DESIGNS
    from helmont.reports.designs.language import _ as spoken
    from helmont.reports.designs.language import speaking
    from helmont.reports.designs.words import paragraphs
    from helmont.reports.designs.words import title_of as title
    from helmont.web.designs.settings import form

    actor(request)
    family, example = _example(kind)
    page = _asked(kind, example, request.GET)
    parts = _parts(page, request.GET.urlencode())
    with speaking(gettext):
        name, meaning = title(kind), spoken(example.truth_label)
    settings = form(DESIGNS[kind], page.texts)
    main = set(example.settings) | {each.name for each in settings if each.needed} | {*FIRST}
    first = [each for each in settings if each.name in main]
    more = [each for each in settings if each.name not in main]
    context = {
        "family": family,
        "kind": kind,
        "title": name,
        "words": paragraphs(page.design)[:2] if page.design else [],
        "meaning": meaning,
        "example": example,
        "page": page,
        "first": first,
        "more": more,
        "more_open": any(each.name in page.faults for each in more),
        "truths": _truths(page, example),
        "errors": [{"url": f"#{name}", "text": f"{name}: {text}"} for name, text in page.faults.items()],
        "parts": parts,
        "address": request.GET.urlencode(),
    }
    return render(request, "web/designs/kind.html", context)


@require_safe
def part(request: HttpRequest, kind: str, place: int) -> HttpResponse:
    """One answer that takes its time, as a part of the page."""
    from helmont.design import DesignError
    from helmont.reports.designs.content import asked_of
    from helmont.web.designs.answering import TooLong, too_long

    actor(request)
    page = _asked(kind, _example(kind)[1], request.GET)
    if page.faults or page.design is None:
        raise Http404
    _settings, scenarios, trials, seed = page.question()
    if place >= len(asked_of(page.design, scenarios, trials, seed)):
        raise Http404
    try:
        [found] = _answered(page, (place,))
    except DesignError as fault:
        return render(request, "web/designs/fault.html", {"fault": str(fault), "english": True})
    except TooLong:
        return render(request, "web/designs/fault.html", {"fault": too_long()})
    return render(request, "web/designs/part.html", {"part": found})


@require_safe
def appendix(request: HttpRequest, kind: str) -> HttpResponse:
    """The appendix of a protocol as PDF/A, or (``?as=json``) what is attached to it. 422 for what no design answers."""
    from helmont.design import DesignError
    from helmont.reports.designs.attachment import written
    from helmont.reports.designs.language import speaking
    from helmont.reports.designs.writing import laid_out
    from helmont.web.designs.answering import TooLong, contents, too_long

    actor(request)
    page = _asked(kind, _example(kind)[1], request.GET)
    if page.faults:
        return JsonResponse({"faults": page.faults}, status=422)
    design, *rest = page.question()
    try:
        found = contents((design,), *rest)
    except DesignError as fault:
        return JsonResponse({"faults": {fault.setting: str(fault)}}, status=422)
    except TooLong:
        return JsonResponse({"faults": {"trials": too_long()}}, status=422)
    if request.GET.get("as") == "json":
        return _file(written(found), "application/json", f"{kind}.json")
    with speaking(gettext):
        pdf = laid_out(found, language=get_language() or "en")
    return _file(pdf, "application/pdf", f"{kind}.pdf")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _example(kind: str) -> tuple[Family, Example]:
    from helmont.reports.designs.examples import EXAMPLES
    from helmont.web.designs.families import family_of

    if (family := family_of(kind)) is None:
        raise Http404
    return family, EXAMPLES[kind]


def _asked(kind: str, example: Example, query: QueryDict) -> Page:
    """Read an address; one without settings asks for the example."""
    from helmont.design import DESIGNS
    from helmont.web.designs.families import TRIALS
    from helmont.web.designs.settings import declared, initial

    texts = initial(DESIGNS[kind], example.settings)
    if given := any(name in query for name in texts):
        texts = {name: query.get(name, "") for name in texts}
    truths = [text.strip() for text in query.getlist("truth")] if given else list(map(_spaced, example.truths))
    page = Page(
        kind,
        texts,
        [text for text in truths if text][:MOST_SCENARIOS],
        query.get("trials", str(TRIALS.get(kind, 1000))).strip(),
        query.get("seed", "6").strip(),
    )
    page.design, page.faults = declared(kind, texts)
    for name, least, most in (("trials", 2, MOST_TRIALS), ("seed", 0, 2**31 - 1)):
        text = getattr(page, name)
        if not text.isdecimal() or not least <= int(text) <= most:
            page.faults[name] = _("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
    for place, text in enumerate(page.truths, start=1):
        try:
            page.scenarios.append(_scenario(text))
        except ValueError:
            page.faults[f"truth-{place}"] = _("Numbers with spaces between them, such as 0.1 0.25 0.4.")
    return page


def _scenario(text: str) -> Row:
    """Numbers with spaces between, rows with semicolons. Raises ``ValueError``."""
    from helmont.web.designs.settings import number

    return tuple(tuple(float(number(each)) for each in row.split()) for row in text.split(";"))


def _spaced(truth: str) -> str:
    """A truth of an example as it is typed here: spaces between numbers, as a comma may be a decimal one."""
    return truth.replace(",", " ").replace(";", "; ")


def _truths(page: Page, example: Example) -> list[dict[str, object]]:
    """What might be true as typed, and room for one more."""
    if not example.truths:
        return []
    texts = [*page.truths, ""][:MOST_SCENARIOS]
    return [{"name": f"truth-{place}", "place": place, "value": text} for place, text in enumerate(texts, start=1)]


def _parts(page: Page, address: str) -> list[dict[str, Any]]:
    """What the design answers, and where to ask for what takes its time; where something is wrong nothing, and a fault."""
    from helmont.design import DesignError
    from helmont.reports.designs.content import asked_of
    from helmont.web.designs.answering import TooLong, too_long
    from helmont.web.designs.settings import enumerated_at_once

    if page.faults or page.design is None:
        return []
    _settings, scenarios, trials, seed = page.question()
    try:
        asked = asked_of(page.design, scenarios, trials, seed)
        now = enumerated_at_once(page.design)
        quick = tuple(place for place, each in enumerate(asked) if now or not each.slow)
        found = dict(zip(quick, _answered(page, quick), strict=True))
    except DesignError as fault:
        page.faults["truth-1" if page.truths else "settings"] = str(fault)
        return []
    except TooLong:
        page.faults["settings"] = too_long()
        return []
    parts, under = [], ""
    for place in range(len(asked)):
        each = found.get(place) or {"later": f"part/{place}?{address}"}
        if title := each.get("title"):
            each["head"] = title if title != under else ""
            under = title
        parts.append(each)
    return parts


def _answered(page: Page, places: tuple[int, ...]) -> list[dict[str, Any]]:
    """The answers at these places, ready for the template."""
    from helmont.reports.designs.blocks import as_json
    from helmont.reports.designs.content import section
    from helmont.reports.designs.language import speaking
    from helmont.web.designs.answering import answer, at_once
    from helmont.web.designs.drawing import drawn
    from helmont.web.designs.settings import enumerated_at_once

    assert page.design is not None
    found = []
    with speaking(gettext):
        for answered in (at_once if enumerated_at_once(page.design) else answer)(*page.question(), places):
            said = section(page.design, answered)
            blocks = [
                {**block, "drawing": drawn(block)} if block["kind"] == "curves" else block
                for block in as_json(list(said.blocks))
            ]
            found.append(
                {
                    "title": said.title, "head": said.title, "scenario": said.scenario, "blocks": blocks,
                    "python": said.python, "command": said.command,
                }
            )  # fmt: skip
    return found
