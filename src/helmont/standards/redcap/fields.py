"""One field of a data dictionary as the arguments of an item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from helmont.standards.importing import Ids
from helmont.standards.tables import Findings, Row, words
from helmont.study.model import Codelist, Range, Term
from helmont.study.text import Text

_VALIDATIONS: Mapping[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "number": {"type": "decimal"},
    **{f"number_{places}dp": {"type": "decimal", "decimals": places} for places in (1, 2, 3, 4)},
    **{f"number_{places}dp_comma_decimal": {"type": "decimal", "decimals": places} for places in (1, 2, 3, 4)},
    "number_comma_decimal": {"type": "decimal"},
    **{f"date_{order}": {"type": "date", "future": True} for order in ("dmy", "mdy", "ymd")},
    **{f"datetime_{order}": {"type": "datetime", "future": True} for order in ("dmy", "mdy", "ymd")},
    **{f"datetime_seconds_{order}": {"type": "datetime", "future": True} for order in ("dmy", "mdy", "ymd")},
    "time": {"type": "time"},
    "time_hh_mm_ss": {"type": "time"},
    "alpha_only": {"type": "text"},
}
_IDENTITIES = frozenset(
    {"email", "phone", "phone_australia", "zipcode", "postalcode_australia", "ssn", "mrn_10d", "vmrn"}
)
_NUMBER = re.compile(r"-?\d{1,15}([.,]\d{1,15})?")
YES_NO = Codelist("YESNO", (Term("1", Text({"en": "Yes"})), Term("0", Text({"en": "No"}))))
TRUE_FALSE = Codelist("TRUEFALSE", (Term("1", Text({"en": "True"})), Term("0", Text({"en": "False"}))))


@dataclass
class FieldReader:
    """Reads fields, collecting the codelists they need; equal choices share one."""

    findings: Findings
    codelists: dict[tuple[tuple[str, str], ...], Codelist] = field(default_factory=dict)
    _ids: Ids = field(default_factory=lambda: Ids("YESNO", "TRUEFALSE"))
    used: set[str] = field(default_factory=set)

    def arguments(self, row: Row, made: str) -> dict[str, Any] | None:
        """The arguments of the item ``made``; None with a finding for a field that is not taken over."""
        label = words(row["label"]) or row["name"]
        base: dict[str, Any] = {"id": made, "label": Text({"en": label})}
        if words(row["note"]):
            base["hint"] = Text({"en": words(row["note"])})
        if row["required"].lower() == "y" and row["type"] != "calc":
            base["required"] = True
        if row["identifier"].lower() == "y" or row["validation"].lower() in _IDENTITIES:
            message = "the field identifies a participant and was not taken over; identities are kept in the vault, not on forms"
            self.findings.say(row, "identifier", message, "the identity page of the participant")
            return None
        match row["type"].lower():
            case "text":
                return base | self._validated(row)
            case "notes":
                return base | {"type": "text", "lines": 4}
            case "radio" | "dropdown" | "checkbox" as kind:
                name = self._choices(row)
                if name is None:
                    return None
                choose = {"choose": "select"} if kind == "dropdown" else {}
                return base | {"type": "multiselect" if kind == "checkbox" else "codelist", "codelist": name, **choose}
            case "yesno" | "truefalse" as kind:
                return base | {"type": "codelist", "codelist": self._fixed(kind)}
            case "slider":
                return base | {"type": "integer", "hard_range": self._slider(row)}
            case "calc":
                return base | {"type": "calculated"}
            case "file":
                return base | {"type": "file"}
            case "descriptive":
                self.findings.say(
                    row, "type", "a descriptive text asks nothing and was not taken over", severity="note"
                )
            case kind:
                accepted = "text, notes, radio, dropdown, checkbox, yesno, truefalse, slider, calc, file"
                self.findings.say(row, "type", f"{kind[:40] or 'no type'} was not taken over", accepted)
        return None

    def _fixed(self, kind: str) -> str:
        codelist = YES_NO if kind == "yesno" else TRUE_FALSE
        self.used.add(codelist.id)
        return codelist.id

    def _validated(self, row: Row) -> dict[str, Any]:
        validation = row["validation"].lower()
        found = _VALIDATIONS.get(validation)
        if found is None:
            if validation:
                self.findings.say(row, "validation", f"{validation[:40]} is not checked here; the field became a text")
            return {"type": "text"}
        limits = {key: row[key] for key in ("min", "max") if row[key]}
        if not limits:
            return found
        if found["type"] in ("integer", "decimal") and all(_NUMBER.fullmatch(value) for value in limits.values()):
            numbers = {key: Decimal(value.replace(",", ".")) for key, value in limits.items()}
            if len(numbers) == 1 or numbers["min"] <= numbers["max"]:
                return found | {"range": Range(**numbers)}
        self.findings.say(row, "/".join(limits), "these limits were not taken over", "numbers, the smaller one first")
        return found

    def _slider(self, row: Row) -> Range:
        limits = {"min": Decimal(0), "max": Decimal(100)}
        for key in limits:
            if _NUMBER.fullmatch(row[key]):
                limits[key] = Decimal(row[key].replace(",", "."))
        return Range(**limits) if limits["min"] <= limits["max"] else Range(Decimal(0), Decimal(100))

    def _choices(self, row: Row) -> str | None:
        """The codelist of ``1, Yes | 2, No``; None with a finding when it is not written so."""
        pairs: list[tuple[str, str]] = []
        for written in re.split(r"\||\n", row["choices"]):
            if not written.strip():
                continue
            code, comma, label = written.partition(",")
            code, label = words(code), words(label) or words(code)
            if not comma or not code:
                message = f"the choice {written.strip()[:40]!r} has no code"
                self.findings.say(row, "choices", message, "1, Yes | 2, No", severity="error")
                return None
            if code in (known for known, _ in pairs):
                self.findings.say(row, "choices", f"the code {code[:40]} is given twice", "each once", severity="error")
                return None
            pairs.append((code, label))
        if not pairs:
            self.findings.say(row, "choices", "the field has no choices", "1, Yes | 2, No", severity="error")
            return None
        key = tuple(pairs)
        if key not in self.codelists:
            terms = tuple(Term(code, Text({"en": label})) for code, label in pairs)
            self.codelists[key] = Codelist(self._ids.make(row["matrix"], row["name"], fallback="LIST"), terms)
        return self.codelists[key].id

    def all_codelists(self) -> tuple[Codelist, ...]:
        return (*(each for each in (YES_NO, TRUE_FALSE) if each.id in self.used), *self.codelists.values())
