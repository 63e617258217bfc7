"""Published records turned back into forms as a site would have filled them in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from helmont.demo.pilot.annotations import BLOOD_PRESSURE_READINGS, UCUM, Question, encounters, findings, questions_of
from helmont.demo.pilot.events import UNSCHEDULED, EnterForm
from helmont.demo.pilot.source import LABORATORY, QUESTIONNAIRES, Row, number_text, rows, visit_dates
from helmont.study.values import Value

Values = dict[str, Value]
NOT_DONE_WITHOUT_REASON = "No reason recorded"
NPI_DOMAINS = tuple(f"NPITM{number:02d}" for number in range(1, 13))
_FINDING_VARIABLES = {
    "VS": ("USUBJID", "VISITNUM", "VSTESTCD", "VSTPTNUM", "VSORRES", "VSORRESU", "VSSTAT", "VSLOC"),
    "LB": ("USUBJID", "VISITNUM", "LBTESTCD", "LBORRES", "LBDTC"),
    "QS": ("USUBJID", "VISITNUM", "QSTESTCD", "QSORRES", "QSSTAT", "QSREASND", "QSDRVFL"),
}


def entered_forms() -> Iterator[EnterForm]:
    """Every form of the trial, in no particular order."""
    yield from _baseline_forms()
    yield from _finding_forms("VS", ("vs",))
    yield from _finding_forms("LB", LABORATORY)
    yield from _finding_forms("QS", QUESTIONNAIRES)
    yield from _treatment()
    for form in ("MH", "AE"):
        for row in rows(form.lower()):
            values = _answers(form, row)
            yield _log_line(row["USUBJID"], form, int(row[f"{form}SEQ"]), values, row[f"{form}DTC"])
    yield from _medication()
    yield from _disposition()


def encounter_of(visit_number: float) -> tuple[str, str | None]:
    """Encounter id and, for an unscheduled visit, the number the site gave it."""
    text = number_text(visit_number)
    known = encounters().get(text)
    return (known, None) if known else (UNSCHEDULED, text)


def _baseline_forms() -> Iterator[EnterForm]:
    for row in rows("dm"):
        yield _visit_form(row["USUBJID"], 1.0, "DM", _answers("DM", row))
        if row["ARMCD"] != "Scrnfail":
            yield _visit_form(row["USUBJID"], 3.0, "RAND", _answers("RAND", row))
    for row in rows("sc"):
        yield _visit_form(row["USUBJID"], 1.0, "SC", _answers("SC", row))


def _treatment() -> Iterator[EnterForm]:
    for row in rows("ex"):
        yield _visit_form(row["USUBJID"], row["VISITNUM"], "EX", _answers("EX", row))


def _finding_forms(domain: str, datasets: tuple[str, ...]) -> Iterator[EnterForm]:
    """One form per participant, visit and page of a findings domain."""
    tests = findings(domain, f"{domain}ORRES")
    located = findings(domain, f"{domain}LOC")
    pages: dict[tuple[str, float, str], Values] = {}
    for dataset in datasets:
        for row in rows(dataset, *_FINDING_VARIABLES[domain]):
            if row.get("QSDRVFL") == "Y":
                continue
            question = tests[row[f"{domain}TESTCD"]]
            page = pages.setdefault((row["USUBJID"], row["VISITNUM"], question.form.id), {})
            page.update(_result(domain, row, question))
            if domain == "LB":
                page |= _dated(row["LBDTC"])
            place = row.get(f"{domain}LOC")
            if place is not None:
                where = located[row[f"{domain}TESTCD"]]
                page[where.item.id] = where.code(place)
    for (participant, visit, form), values in pages.items():
        yield _visit_form(participant, visit, form, _with_presence(values) if form == "QSNI" else values)


def as_typed(text: str) -> str:
    """A published result as a person types it: without the leading zeros of fixed-width fields."""
    return text.lstrip("0") if len(text) > 1 and text[0] == "0" and text[1].isdigit() else text


def _result(domain: str, row: Row, question: Question) -> Values:
    key = question.item.id
    if question.group.repeats is not None:
        key = f"{question.group.id}[{BLOOD_PRESSURE_READINGS.index(row['VSTPTNUM']) + 1}].{key}"
    if row.get(f"{domain}STAT") == "NOT DONE":
        return {key: {"not_done": row.get(f"{domain}REASND") or NOT_DONE_WITHOUT_REASON}}
    text: str = row[f"{domain}ORRES"]
    if question.item.units:
        return {key: {"value": as_typed(text), "unit": UCUM[row[f"{domain}ORRESU"]]}}
    if text.startswith("<"):
        return {key: text[1:], f"{key}_COMP": "LT"}
    return {key: _answer(question, text)}


def _with_presence(values: Values) -> Values:
    """Only absence was published for an NPI domain; where it was rated instead, the answer was "present"."""
    implied: Values = {
        domain: "PRESENT"
        for domain in NPI_DOMAINS
        if domain not in values and any(f"{domain}{rating}" in values for rating in "FVD")
    }
    return {**implied, **values}


def _dated(moment: str) -> Values:
    day, _, time = moment.partition("T")
    return {"LBDAT": day, "LBTIM": time} if time else {"LBDAT": day}


def _answers(form: str, row: Row) -> Values:
    """The answers of a form whose items are annotated with variables of one record."""
    values: Values = {}
    for question in questions_of(form):
        published = row.get(question.sdtm.variable) if question.sdtm else None
        if published is not None:
            text = number_text(published) if isinstance(published, float) else str(published)
            values[question.item.id] = _answer(question, text)
    return values


def _answer(question: Question, text: str) -> str:
    match question.item.type:
        case "codelist":
            return question.code(text)
        case "integer":
            return as_typed(text)
        case _:
            return text


def _medication() -> Iterator[EnterForm]:
    """One line per medication: records that differ in nothing but the visit are one line, with the visits ticked."""
    lines: dict[str, dict[tuple[object, ...], list[Row]]] = {}
    same = ("CMSPID", "CMTRT", "CMINDC", "CMDOSE", "CMDOSU", "CMDOSFRQ", "CMROUTE", "CMSTDTC", "CMENDTC")
    for row in sorted(rows("cm"), key=lambda row: (row["USUBJID"], row["VISITNUM"], row["CMSEQ"])):
        key = tuple(row[variable] for variable in same)
        lines.setdefault(row["USUBJID"], {}).setdefault(key, []).append(row)
    for participant, medications in lines.items():
        for line, records in enumerate(medications.values(), 1):
            values = _answers("CM", {**records[0], "VISITNUM": None})
            values["CMVISITS"] = [encounter_of(record["VISITNUM"])[0] for record in records]
            yield _log_line(participant, "CM", line, values, records[-1]["CMDTC"])


def _disposition() -> Iterator[EnterForm]:
    criteria = {(row["USUBJID"], row["IDVARVAL"]): row["QVAL"] for row in rows("suppds")}
    # The sponsor linked an event to its consequence as participant-code; the site wrote the code on the page.
    codes = {
        (row["USUBJID"], row["IDVARVAL"]): row["RELID"].removeprefix(f"{row['USUBJID']}-")
        for row in rows("relrec")
        if row["RDOMAIN"] == "DS"
    }
    last_days = {row["USUBJID"]: row["RFPENDTC"] for row in rows("dm")}
    for row in rows("ds"):
        line = int(row["DSSEQ"])
        day, _, time = row["DSDTC"].partition("T")
        place = (row["USUBJID"], str(line))
        values = _answers(
            "DS", {**row, "DSDTC": None, "VISITNUM": None, "RELID": codes.get(place), "QVAL": criteria.get(place)}
        )
        if row["DSDECOD"] == "SCREEN FAILURE":
            values["DSENDAT"] = last_days[row["USUBJID"]]
        values |= {"DSDAT": day, "DSTIM": time} if time else {"DSDAT": day}
        encounter, number = encounter_of(row["VISITNUM"])
        values |= {"DSVISIT": encounter, "DSVISNUM": number} if number else {"DSVISIT": encounter}
        yield _log_line(row["USUBJID"], "DS", line, values, day)


def _visit_form(participant: str, visit: float, form: str, values: Values) -> EnterForm:
    encounter, number = encounter_of(visit)
    day = _last_day(visit_dates()[participant, visit], values)
    return EnterForm(participant, encounter, number, form, None, values, day)


def _log_line(participant: str, form: str, line: int, values: Values, day: str) -> EnterForm:
    return EnterForm(participant, None, None, form, line, values, _last_day(day, values))


def _last_day(day: str, values: Values) -> date:
    """The first day on which all of it had happened: a page cannot be complete before the latest date written on it."""
    dates = [text for key, text in values.items() if key.endswith("DAT") and isinstance(text, str) and len(text) == 10]
    return date.fromisoformat(max([day, *dates]))
