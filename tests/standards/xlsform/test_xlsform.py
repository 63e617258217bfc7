"""XLSForms: questions, groups, repeats, languages, XPath; what is refused, with its row and column."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.standards.expressions.cel import CelWriter, Field
from helmont.standards.expressions.tree import Untranslatable
from helmont.standards.importing import Imported
from helmont.standards.xlsform import read_xlsform
from helmont.standards.xlsform.reading import read_xpath
from helmont.study.cel import parse as parse_cel
from helmont.study.model import Item

from .workbooks import workbook

COLUMNS = [
    *("type", "name", "label::English (en)", "label::Nederlands (nl)", "relevant", "constraint", "calculation"),
    *(
        "required",
        "hint",
        "appearance",
        "repeat_count",
        "parameters",
        "choice_filter",
        "constraint_message::English (en)",
    ),
]
CHOICES = [
    ["list_name", "name", "label::English (en)", "label::Nederlands (nl)"],
    ["yn", "y", "Yes", "Ja"],
    ["yn", "n", "No", "Nee"],
    ["drugs", "asp", "Aspirin", "Aspirine"],
    ["drugs", "bis", "Bisoprolol", ""],
]


def q(kind: str, name: str = "", label: str = "", **more: str) -> list[str]:
    short = {column.split("::")[0]: number for number, column in reversed(list(enumerate(COLUMNS)))}
    cells = [kind, name, label or name, *[""] * (len(COLUMNS) - 3)]
    for key, value in more.items():
        cells[3 if key == "nl" else short[key]] = value
    return cells


def book(*rows: list[str], **sheets: list[list[str]]) -> bytes:
    settings = [
        ["form_title", "form_id", "version", "default_language"],
        ["Pain diary", "pain_diary", "7", "English (en)"],
    ]
    return workbook(**{"survey": [COLUMNS, *rows], "choices": CHOICES, "settings": settings, **sheets})


def read(*rows: list[str]) -> Imported:
    return read_xlsform(book(*rows), "diary.xlsx")


def items(imported: Imported) -> dict[str, Item]:
    assert imported.study, imported.errors
    return {item.id: item for form in imported.study.forms for item in form.items()}


def test_questions_become_items_of_their_kind_in_their_languages() -> None:
    imported = read(
        q("integer", "age", "Age", nl="Leeftijd", required="yes", hint="years"),
        q("decimal", "temp"),
        q("select_one yn", "well", nl="Goed?"),
        q("select_multiple drugs", "taken", appearance="minimal"),
        q("dateTime", "when"),
        q("image", "photo"),
        q("range", "pain", parameters="start=0 end=100 step=5"),
        q("text", "story", appearance="multiline"),
    )
    found = items(imported)
    study = imported.study
    assert study
    assert (study.id, study.version, str(study.title), study.languages) == (
        "PAIN_DIARY",
        "7",
        "Pain diary",
        ("en", "nl"),
    )
    assert [item.type for item in found.values()] == [
        "integer", "decimal", "codelist", "multiselect", "datetime", "file", "integer", "text"]  # fmt: skip
    assert found["AGE"].label.by_language == {"en": "Age", "nl": "Leeftijd"}
    assert (found["AGE"].required, str(found["AGE"].hint)) == (True, "years")
    assert str(found["PAIN"].hard_range) == "0 to 100"
    yn, drugs = study.codelists
    assert [(term.code, term.label.by_language["nl"]) for term in yn.terms] == [("y", "Ja"), ("n", "Nee")]
    assert drugs.terms[1].label.get("nl") == ("Bisoprolol", True)


def test_groups_and_repeats() -> None:
    imported = read(
        q("text", "before"),
        q("begin_group", "vitals", "Vital signs", relevant="${before} != ''"),
        q("integer", "pulse", relevant="${before} = 'x'"),
        q("end_group"),
        q("begin repeat", "visit", "Visits", repeat_count="3"),
        q("date", "on"),
        q("end repeat"),
    )
    assert imported.study
    (form,) = imported.study.forms
    assert [(group.id, str(group.title or "")) for group in form.groups] == [
        ("MAIN", ""),
        ("VITALS", "Vital signs"),
        ("VISIT_2", "Visits"),
    ]
    repeats = form.groups[2].repeats
    assert repeats
    assert (repeats.min, repeats.max) == (3, 3)
    assert items(imported)["PULSE"].skip == '!(has(BEFORE) && (has(BEFORE) && BEFORE == "x"))'


def test_xpath_becomes_cel() -> None:
    imported = read(
        q("integer", "age", constraint=". >= 18 and . <= 99", constraint_message="Adults only"),
        q("select_multiple drugs", "taken", relevant="${age} > 20"),
        q("text", "which", relevant="selected(${taken}, 'asp') or not(${age} = 30)"),
        q("calculate", "decades", calculation="int(${age} div 10)"),
        q("calculate", "label", calculation="if(${age} > 64, 'old', 'young')"),
    )
    assert imported.study
    found = items(imported)
    (check,) = imported.study.checks
    assert (check.item, check.expression, check.severity) == ("AGE", "((AGE >= 18) && (AGE <= 99))", "refuse")
    assert str(check.message) == "Adults only"
    assert found["WHICH"].skip == '!((has(TAKEN) && "asp" in TAKEN) || !((has(AGE) && AGE == 30)))'
    assert found["DECADES"].calculation == "int((AGE / 10))"
    assert found["LABEL"].calculation == '((has(AGE) && AGE > 64) ? "old" : "young")'


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        (q("text", "x", relevant="${nope} = 1"), "relevant", "nope is not a field"),
        (q("text", "x", relevant="/data/a = 1"), "relevant", "not expected here"),
        (q("date", "x", constraint=". > 'soon'"), "constraint", "does not fit"),
        (q("text", "x", constraint="pulldata('a','b')"), "constraint", "cannot be taken over"),
        (q("calculate", "x", calculation="once(uuid())"), "calculation", "cannot be taken over"),
        (q("geopoint", "x"), "type", "geopoint was not taken over"),
        (q("deviceid", "x"), "type", "says who answered"),
        (q("text", "x", required="${ok} = 'y'"), "required", "became optional"),
        (q("select_one drugs", "x", choice_filter="a=${ok}"), "choice_filter", "every choice is offered"),
    ],
)
def test_what_cannot_be_taken_over_is_a_warning_with_row_and_column(row: list[str], column: str, message: str) -> None:
    imported = read(q("select_one yn", "ok"), row)
    assert imported.study
    [finding, *_] = [each for each in imported.findings if message in each.message]
    assert (finding.line, finding.severity) == (3, "warning")
    assert f"column {column}" in finding.place


@pytest.mark.parametrize(
    ("rows", "message", "line"),
    [
        ([q("select_one nope", "a")], "there is no list 'nope'", 2),
        ([q("text", "a"), q("text", "a")], "a is also in row 2", 3),
        ([q("text", "")], "has no name", 2),
        ([q("begin_group", "g"), q("text", "a")], "never closed", 2),
        ([q("text", "a"), q("end_repeat")], "closes nothing", 3),
        ([q("begin_repeat", "r"), q("begin_repeat", "s"), q("end_repeat"), q("end_repeat")], "within a repeat", 3),
        ([q("note", "n")], "nothing of the survey", 0),
    ],
)  # fmt: skip
def test_a_malformed_survey_is_refused_with_the_row(rows: list[list[str]], message: str, line: int) -> None:
    imported = read(*rows)
    assert imported.study is None
    assert any(message in each.message and each.line == line for each in imported.errors), imported.errors


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a workbook"),
        (b"PK\x03\x04 nothing", "not a workbook"),
        (workbook(other=[["a"]]), "no sheet named survey"),
        (book()[:-200], "not a workbook"),
    ],
)
def test_what_is_no_workbook_is_one_clear_finding(data: bytes, message: str) -> None:
    imported = read_xlsform(data, "x.xlsx")
    assert imported.study is None
    assert any(message in each.message for each in imported.errors), imported.errors


FIELDS = {"a": Field("A", "number"), "b": Field("B", "text"), "c": Field("C", "list"), "d": Field("D", "date")}
PIECES = st.sampled_from(
    ["${a}", "${b}", "${c}", "${d}", ".", "'1'", "1", "=", "!=", "<", "and", "or", "div", "mod", "not(", "(", ")", "+", "-",
     "selected(", ",", "if(", "coalesce(", "regex(", "count-selected(", "$", "/", "concat(", "today()", "'[('"]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=12).map(" ".join) | st.text(max_size=40), st.booleans())
def test_any_xpath_is_cel_or_refused_with_its_column(text: str, guarded: bool) -> None:
    try:
        written = CelWriter(FIELDS, "a").rule(read_xpath(text), guarded=guarded)
    except Untranslatable as reason:
        column = reason.column
    else:
        parse_cel(written)
        column = 1
    assert column >= 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn"]), max_size=8) | PIECES
                         | st.sampled_from(["text", "begin_group", "end_group", "begin_repeat", "end_repeat", "calculate"]),
                         min_size=14, max_size=14), max_size=5))  # fmt: skip
def test_no_survey_stops_the_reader(rows: list[list[str]]) -> None:
    imported = read(q("select_one yn", "ok"), *rows)
    assert imported.study is not None or imported.errors


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=8))
def test_no_damage_stops_the_reader(at: int, put: bytes) -> None:
    data = bytearray(book(q("text", "a")))
    data[at : at + len(put)] = put
    imported = read_xlsform(bytes(data), "x.xlsx")
    assert imported.study is not None or imported.errors
