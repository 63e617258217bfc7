"""ARS JSON: read and written, with findings that name the line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.standards.ars import read_ars, write_ars

DOCUMENT: dict[str, Any] = {
    "id": "CSR",
    "name": "Report",
    "mainListOfContents": {"name": "Contents", "contentsList": {"listItems": [{"name": "One", "level": 1, "order": 1}]}},
    "analysisSets": [
        {
            "id": "SAF",
            "name": "Safety",
            "level": 1,
            "order": 1,
            "compoundExpression": {
                "logicalOperator": "AND",
                "whereClauses": [
                    {"level": 2, "order": 1, "condition": {"variable": "SAFFL", "comparator": "EQ", "value": ["Y"]}},
                    {"level": 2, "order": 2, "subClauseId": "ITT"},
                ],
            },
        }
    ],
    "methods": [{"id": "M", "name": "Mean", "operations": [{"id": "M.1", "name": "Mean", "order": 1}]}],
    "analyses": [
        {
            "id": "A",
            "name": "Age",
            "methodId": "M",
            "reason": {"controlledTerm": "SPECIFIED IN SAP"},
            "purpose": {"sponsorTermId": "OURS"},
            "results": [
                {
                    "operationId": "M.1",
                    "resultGroups": [{"groupingId": "ARM", "groupId": "PBO"}],
                    "rawValue": "75.2093",
                    "formattedValue": "75.2",
                }
            ],
        }
    ],
}  # fmt: skip


def data(document: Any) -> bytes:
    return json.dumps(document, indent=1).encode()


def test_read_and_written_again() -> None:
    event, findings = read_ars(data(DOCUMENT))
    assert findings == []
    assert event is not None
    assert event.analyses[0].results[0].formatted_value == "75.2"
    assert json.loads(write_ars(event)) == DOCUMENT


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"version": "1"}, "/version: expected a whole number, found a text"),
        ({"analyses": {}}, "/analyses: expected a list, found an object"),
        ({"analyses": [{"id": "A"}]}, "/analyses/0: name is missing (Analysis needs name)"),
        ({"analysisset": []}, "/analysisset: analysisset is not an attribute of ReportingEvent (did you mean analysisSets?)"),
        (
            {"analysisSets": [{"id": "S", "name": "S", "level": 1, "order": 1, "condition": {"comparator": "LIKE"}}]},
            "/analysisSets/0/condition/comparator: LIKE is not accepted here",
        ),
    ],
)  # fmt: skip
def test_a_finding_names_its_place(change: dict[str, Any], finding: str) -> None:
    _, findings = read_ars(data(DOCUMENT | change))
    assert len(findings) == 1
    assert finding in str(findings[0])
    assert findings[0].line > 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*DOCUMENT, "level", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(list(DOCUMENT)), VALUES) | VALUES)
def test_nothing_raises(value: Any) -> None:
    changed = DOCUMENT | value if isinstance(value, dict) else value
    event, findings = read_ars(data(changed))
    assert event is not None or findings


@given(st.binary(max_size=40))
def test_no_bytes_raise(content: bytes) -> None:
    event, findings = read_ars(content)
    assert event is None
    assert findings
