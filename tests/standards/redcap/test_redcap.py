"""REDCap data dictionaries: fields, choices, logic; what identifies people; what is refused, with its line."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.standards.expressions.cel import CelWriter, Field
from helmont.standards.expressions.tree import Untranslatable
from helmont.standards.importing import Imported
from helmont.standards.redcap import read_redcap
from helmont.standards.redcap.reading import read_logic
from helmont.study.cel import UNKNOWN
from helmont.study.cel import parse as parse_cel
from helmont.study.model import Item
from helmont.study.partial_dates import PartialDate

HEADER = [
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?", "Branching Logic (Show field only if...)",
    "Required Field?", "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
]  # fmt: skip


def row(name: str, kind: str, label: str = "", **more: str) -> list[str]:
    keys = ["form", "section", "choices", "note", "validation", "min", "max", "identifier", "branching", "required"]
    given = {key: more.get(key, "") for key in keys} | {"form": more.get("form", "baseline")}
    return [name, given["form"], given["section"], kind, label or name, given["choices"], given["note"], given["validation"],
            given["min"], given["max"], given["identifier"], given["branching"], given["required"], "", "",
            more.get("matrix", ""), "", more.get("annotation", "")]  # fmt: skip


def dictionary(*rows: list[str], delimiter: str = ",") -> bytes:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows([HEADER, row("record_id", "text"), *rows])
    return target.getvalue().encode()


def read(*rows: list[str]) -> Imported:
    return read_redcap(dictionary(*rows), "pain_study.csv")


def items(imported: Imported) -> dict[str, Item]:
    assert imported.study, imported.errors
    return {item.id: item for form in imported.study.forms for item in form.items()}


def test_fields_become_items_of_their_kind() -> None:
    found = items(
        read(
            row(
                "age",
                "text",
                "<b>Age</b> &amp; more",
                validation="integer",
                min="18",
                max="99",
                required="y",
                note="years",
            ),
            row("temp", "text", validation="number_1dp", min="35"),
            row("seen", "text", validation="date_dmy"),
            row("at", "text", validation="time"),
            row("story", "notes"),
            row("sex", "radio", choices="1, Male | 2, Female, or so"),
            row("drugs", "checkbox", choices="a, Aspirin | b, Bisoprolol"),
            row("land", "dropdown", choices="BE, Belgium"),
            row("well", "yesno"),
            row("pain", "slider"),
            row("scan", "file"),
        )
    )
    kinds = [
        found[name].type
        for name in ("AGE", "TEMP", "SEEN", "AT_2", "STORY", "SEX", "DRUGS", "LAND", "WELL", "PAIN", "SCAN")
    ]
    assert kinds == ["integer", "decimal", "date", "time", "text", "codelist", "multiselect", "codelist", "codelist",
                     "integer", "file"]  # fmt: skip
    assert (str(found["AGE"].label), str(found["AGE"].hint), found["AGE"].required) == ("Age & more", "years", True)
    assert str(found["AGE"].range) == "18 to 99"
    assert (found["TEMP"].decimals, str(found["TEMP"].range)) == (1, "at least 35")
    assert found["LAND"].choose == "select"


def test_forms_sections_and_choices() -> None:
    study = read(
        row("a", "yesno", section="First"),
        row("b", "radio", choices="1, One | 2, Two", section="Second"),
        row("c", "radio", choices="1, One | 2, Two", form="follow_up"),
    ).study
    assert study
    assert [(form.id, str(form.title)) for form in study.forms] == [
        ("BASELINE", "Baseline"),
        ("FOLLOW_UP", "Follow up"),
    ]
    assert [str(group.title) for group in study.forms[0].groups] == ["First", "Second"]
    assert [(each.id, [term.code for term in each.terms]) for each in study.codelists] == [
        ("YESNO", ["1", "0"]),
        ("B", ["1", "2"]),
    ]
    assert study.protocol.schedule == {"BASELINE": ("EVENT_1",), "FOLLOW_UP": ("EVENT_1",)}


def test_what_identifies_people_stays_outside() -> None:
    imported = read(row("surname", "text", identifier="y"), row("mail", "text", validation="email"), row("ok", "yesno"))
    assert list(items(imported)) == ["OK"]
    lines = [
        (finding.line, finding.severity)
        for finding in imported.findings
        if "identifies a participant" in finding.message
    ]
    assert lines == [(3, "warning"), (4, "warning")]


def test_logic_becomes_cel() -> None:
    found = items(
        read(
            row("sex", "radio", choices="1, M | 2, F"),
            row("age", "text", validation="integer"),
            row("drugs", "checkbox", choices="a, A | b, B"),
            row("pregnant", "yesno", branching="[sex] = '2' and [age] < 55"),
            row("which", "text", branching="[drugs(a)] = '1'"),
            row("bmi", "calc", choices="round([age] / 2, 1)"),
            row("other", "text", form="next", branching='[age] <> ""'),
        )
    )
    assert found["PREGNANT"].skip == '!((has(SEX) && SEX == "2") && (has(AGE) && AGE < 55))'
    assert found["WHICH"].skip == '!(has(DRUGS) && "a" in DRUGS)'
    assert found["BMI"].calculation == "round((AGE / 2), 1)"
    assert found["OTHER"].skip == "!has(here.BASELINE.AGE)"


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (row("x", "text", branching="[nope] = '1'"), "nope is not a field"),
        (row("x", "text", branching="[event_1][a] = '1'"), "is not understood"),
        (row("x", "text", branching="[a] = "), "not expected here"),
        (row("x", "calc", choices="datediff([a], [b], 'm')"), "a is not a field"),
        (row("x", "calc", choices="log([x])"), "cannot be taken over"),
        (row("x", "sql"), "sql was not taken over"),
        (row("x", "text", validation="postal_mars"), "is not checked here"),
        (row("x", "text", validation="date_ymd", min="2020-01-01"), "these limits were not taken over"),
    ],
)
def test_what_cannot_be_taken_over_is_a_warning_with_its_line(field: list[str], message: str) -> None:
    imported = read(row("ok", "yesno"), field)
    assert imported.study
    assert any(message in each.message and each.line == 4 and each.severity == "warning" for each in imported.findings)


@pytest.mark.parametrize(
    ("rows", "message", "line"),
    [
        ([row("a", "radio", choices="Yes | No")], "has no code", 3),
        ([row("a", "radio", choices="1, A | 1, B")], "is given twice", 3),
        ([row("a", "radio")], "has no choices", 3),
        ([row("a", "text"), row("A", "text")], "A is also on line 3", 4),
        ([row("1a", "text")], "is not the name of a field", 3),
        ([["too", "short"]], "the row has 2 cells", 3),
    ],
)
def test_a_malformed_dictionary_is_refused_with_the_line(rows: list[list[str]], message: str, line: int) -> None:
    imported = read(row("ok", "yesno") if rows[0][0] == "never" else rows[0], *rows[1:])
    assert imported.study is None
    assert any(message in each.message and each.line == line for each in imported.errors), imported.errors


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "empty"), (b"\xff\xfe", "not UTF-8"), (b"a,b\n1,2\n", "no data dictionary"), (b'"a', "not CSV")],
)
def test_what_is_no_dictionary_is_one_clear_finding(data: bytes, message: str) -> None:
    assert any(message in each.message for each in read_redcap(data, "x.csv").errors)


def test_semicolons_and_the_names_of_the_api_are_read_too() -> None:
    names = "field_name;form_name;field_type;field_label\nid;f;text;Id\nq;f;yesno;Well?\n"
    assert list(items(read_redcap(names.encode(), "x.csv"))) == ["Q"]


FIELDS = {"a": Field("A", "number"), "b": Field("B", "text"), "c": Field("C", "list"), "d": Field("D", "date")}


@pytest.mark.parametrize(
    ("logic", "values", "expected"),
    [
        ("[a] > 1", {"A": 2}, True),
        ("[a] > 1", {}, False),
        ("[a] <> 1", {}, True),
        ("[b] = 1", {"B": "1"}, True),
        ("[b] > '1'", {"B": "2"}, True),
        ("[b] = ''", {}, True),
        ("not ([a] = 1)", {}, True),
        ("[c(x)] = '0'", {}, True),
        ("[c(x)] = '1' or [a] = 1", {"A": 1}, True),
        ("[a] + 1 * 2 = 3 and [b] <> 'q'", {"A": 1}, True),
        ("1 < [a]", {"A": 2}, True),
        ("datediff([d], '2020-01-31', 'd') = 30", {"D": PartialDate.parse("2020-01-01")}, True),
        ("if([a] > 1, 5, 6) = 6", {}, False),
    ],
)
def test_a_condition_is_never_unknown_and_takes_empty_as_they_do(
    logic: str, values: dict[str, object], expected: bool
) -> None:
    text = CelWriter(FIELDS).condition(read_logic(logic), guarded=True)
    names = {name: values.get(name, UNKNOWN) for name in "ABCD"}
    assert parse_cel(text).compile()(names) is expected


PIECES = st.sampled_from(
    ["[a]", "[b]", "[c(x)]", "[d]", "'1'", '"x"', "''", "1", "2.5", "=", "<>", "<", ">=", "and", "or", "not", "(", ")", "+",
     "-", "*", "/", ",", "if(", "round(", "datediff(", "sum(", "[", "]", "$", "not("]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=12).map(" ".join) | st.text(max_size=40))
def test_any_logic_is_cel_or_refused_with_its_column(logic: str) -> None:
    try:
        text = CelWriter(FIELDS).condition(read_logic(logic), guarded=True)
    except Untranslatable as reason:
        column = reason.column
    else:
        parse_cel(text)
        column = 1
    assert column >= 1


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(st.text(max_size=8) | PIECES, min_size=18, max_size=18), max_size=4) | st.just([]),
    st.binary(max_size=60),
)
def test_nothing_stops_the_reader(rows: list[list[str]], tail: bytes) -> None:
    imported = read_redcap(dictionary(row("ok", "yesno"), *rows) + tail, "x.csv")
    assert imported.study is not None or imported.errors


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([row("q", kind) for kind in ("text", "radio", "calc", "slider", "checkbox")]),
       st.integers(0, 17), st.text(max_size=12) | PIECES)  # fmt: skip
def test_no_cell_stops_the_reader(field: list[str], column: int, text: str) -> None:
    changed = [*field]
    changed[column] = text
    imported = read(row("ok", "yesno"), changed)
    assert imported.study is not None or imported.errors
