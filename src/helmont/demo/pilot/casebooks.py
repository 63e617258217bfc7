"""The pilot's participants as casebooks, straight from what their sites entered; nothing of a database is needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from helmont.demo.pilot.annotations import pilot_study, questions
from helmont.demo.pilot.events import EnterForm, ScreenParticipant, StartEncounter
from helmont.demo.pilot.journey import site_events
from helmont.demo.pilot.source import LABORATORY, rows
from helmont.study.compiling import CompiledStudy, compile_study
from helmont.study.datasets.rows import Casebook, Page, Reading, Visit
from helmont.study.outcomes import Context
from helmont.study.values import Value


def casebooks() -> Iterator[Casebook]:
    """Every participant, by number, with the terms that the sponsor's coders chose and the laboratory's ranges."""
    ranges, terms = _ranges(), _terms()
    found: dict[str, Casebook] = {}
    visits: dict[str, dict[tuple[str, str | None], Visit]] = defaultdict(dict)
    pages: dict[str, list[Page]] = defaultdict(list)
    for event in site_events():
        who = event.participant_id
        match event:
            case ScreenParticipant():
                found[who] = Casebook(who, event.site, "US", (), ())
            case StartEncounter():
                key = f"encounter:{who}/{event.encounter}/{event.unscheduled_number or ''}"
                day = event.date.isoformat()
                visit = Visit(key, event.encounter, day, None, event.unscheduled_number, event.reason)
                visits[who][event.encounter, event.unscheduled_number] = visit
            case EnterForm():
                held = visits[who].get((event.encounter or "", event.unscheduled_number))
                place = (
                    f"{event.encounter}-{event.unscheduled_number or ''}" if event.encounter else f"LOG-{event.line}"
                )
                key = f"form:{who}/{place}/{event.form}"
                pages[who].append(Page(key, event.form, _calculated(event), held, event.line))
    for who in sorted(found):
        readings = {
            (page.key, item): reading
            for page in pages[who]
            if page.form.startswith("LB")
            for item in page.data
            if (reading := ranges.get((who, _test(page.form, item))))
        }
        codings = {
            (page.key, CODED[page.form]): chosen
            for page in pages[who]
            if page.form in CODED and (chosen := terms.get((page.form, who, _line(page))))
        }
        book = replace(found[who], pages=tuple(pages[who]), visits=tuple(visits[who].values()))
        yield replace(book, readings=readings, codings=codings)


CODED = {"AE": "AETERM", "MH": "MHTERM", "CM": "CMTRT"}


def _line(page: Page) -> object:
    return page.data["CMTRT"] if page.form == "CM" else page.line


def _terms() -> dict[tuple[str, str, object], dict[str, str]]:
    """What each entry was coded with: by form, participant and line; medication by its name."""
    levels = {"LLT": "LLT", "PT": "DECOD", "HLT": "HLT", "HLGT": "HLGT", "SOC": "BODSYS"}
    found: dict[tuple[str, str, object], dict[str, str]] = {}
    for form in ("AE", "MH"):
        for row in rows(form.lower()):
            terms = {level: row[f"{form}{part}"] for level, part in levels.items() if row[f"{form}{part}"]}
            found[form, row["USUBJID"], int(row[f"{form}SEQ"])] = terms
    for row in rows("cm"):
        if row["CMDECOD"] and row["CMDECOD"] != "UNCODED":
            terms = {"PREFERRED": row["CMDECOD"], "CLASS": row["CMCLAS"]}
            found["CM", row["USUBJID"], row["CMTRT"]] = terms
    return found


def _test(form: str, item: str) -> str:
    question = questions().get((form, item))
    return question.sdtm.where.get("LBTESTCD", "") if question and question.sdtm else ""


def _ranges() -> dict[tuple[str, str], Reading]:
    """The laboratory's limits by participant and test: they follow from sex and age."""
    return {
        (row["USUBJID"], row["LBTESTCD"]): Reading(row["LBORNRLO"], row["LBORNRHI"])
        for dataset in LABORATORY
        for row in rows(dataset, "USUBJID", "LBTESTCD", "LBORNRLO", "LBORNRHI")
        if row["LBORNRLO"] is not None
    }


def _calculated(event: EnterForm) -> dict[str, Value]:
    """The values of a form with those that it calculates from its own."""
    form = compiled().forms[event.form]
    if not form.calculated_ids:
        return event.values
    outcome = form.evaluate(event.values, Context(event.date))
    return event.values | {key: value for key, value in outcome.calculated.items() if value is not None}


@cache
def compiled() -> CompiledStudy:
    """The pilot's forms, ready to calculate."""
    return compile_study(pilot_study())
