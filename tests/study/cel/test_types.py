"""Static types: a check that cannot work is found before the study is published."""

from __future__ import annotations

import pytest

from helmont.study.cel import ANY, BOOLEAN, DATE, NUMBER, TEXT, CelTypeError, Type, infer, list_of, map_of, parse

ROW = map_of({"SYSBP": NUMBER, "POSITION": TEXT})
TYPES = {
    "SYSBP": NUMBER,
    "SEX": TEXT,
    "VSDTC": DATE,
    "RACE": list_of(TEXT),
    "VS_READ": list_of(ROW),
    "at.BASELINE.VS.WEIGHT": NUMBER,
    "visit": map_of({"date": DATE, "number": NUMBER}),
    "log": map_of({"AE": list_of(map_of({"AESER": TEXT, "AESTDTC": DATE}))}),
    "FREE": ANY,
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SYSBP > 60 && SEX == 'F'", BOOLEAN),
        ("SYSBP / 2 + at.BASELINE.VS.WEIGHT", NUMBER),
        ("SEX == 'F' ? 'a' : null", TEXT),
        ("VSDTC >= '2013-12-26'", BOOLEAN),
        ("VSDTC in ['2013-12-26', visit.date]", BOOLEAN),
        ("visit.date", DATE),
        ("VS_READ.map(r, r.SYSBP)", list_of(NUMBER)),
        ("VS_READ.filter(r, has(r.SYSBP))[0].POSITION", TEXT),
        ("max(VS_READ.map(r, r.SYSBP))", NUMBER),
        ("log.AE.exists(a, a.AESER == 'Y' && a.AESTDTC <= visit.date)", BOOLEAN),
        ("'WHITE' in RACE", BOOLEAN),
        ("{'F': 1, 'M': 2}[SEX]", NUMBER),
        ("years(VSDTC, '2013')", NUMBER),
        ("SEX + 'x'", TEXT),
        ("FREE > 1 || FREE == 'a'", BOOLEAN),
        ("SYSBP != null", BOOLEAN),
    ],
)
def test_the_type_is_inferred(text: str, found: Type) -> None:
    assert infer(parse(text), TYPES) == found


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("SYSPB > 60", 1, "did you mean SYSBP?"),
        ("XYZZY > 60", 1, "known are FREE"),
        ("visit.dat == VSDTC", 1, "did you mean date?"),
        ("VS_READ.all(r, r.SYSPB > 1)", 17, "did you mean SYSBP?"),
        ("SEX > 1", 5, "text and number"),
        ("SYSBP == '120'", 7, "number and text"),
        ("SYSBP && true", 1, "a number; boolean is accepted"),
        ("!SEX", 2, "a text; boolean"),
        ("SEX * 2", 1, "a text; number"),
        ("SEX + 1", 5, "a number; text"),
        ("VSDTC > 'soon'", 7, "YYYY-MM-DD"),
        ("VSDTC > SEX", 7, "date(...) around"),
        ("true < false", 6, "boolean"),
        ("RACE == 'WHITE'", 6, "list of text and text"),
        ("SYSBP in RACE", 7, "number and text"),
        ("1 in ['a']", 3, "number and text"),
        ("round(SEX, 1)", 7, "a text; number"),
        ("sum(RACE)", 5, "a text; number"),
        ("SYSBP.all(x, true)", 1, "a number; list"),
        ("RACE.all(x, x)", 13, "a text; boolean"),
        ("SYSBP.matches('a')", 1, "a number; text"),
        ("true ? 1 : 'a'", 6, "mixed"),
        ("SYSBP ? 1 : 2", 1, "a number; boolean"),
        ("[1, 'a']", 1, "mixed"),
        ("VS_READ == VS_READ[0]", 9, "list of map and map"),
        ("RACE['a']", 6, "a text; number"),
        ("SYSBP[0]", 1, "list or map"),
        ("-SEX", 2, "a text; number"),
    ],
)
def test_what_cannot_fit_is_refused_with_its_place(text: str, column: int, says: str) -> None:
    with pytest.raises(CelTypeError) as refused:
        infer(parse(text), TYPES)
    assert refused.value.column == column
    assert says in str(refused.value)
