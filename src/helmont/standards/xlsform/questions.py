"""One question of an XLSForm as the arguments of an item, and the lists it chooses from."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from helmont.standards.importing import Ids
from helmont.standards.tables import Findings, Row, words
from helmont.standards.xlsform.workbook import Workbook
from helmont.study.model import Codelist, FileRule, Range, Term
from helmont.study.text import Text

_SIMPLE: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "int": {"type": "integer"},
    "decimal": {"type": "decimal"},
    "text": {"type": "text"},
    "string": {"type": "text"},
    "date": {"type": "date", "future": True},
    "time": {"type": "time"},
    "datetime": {"type": "datetime", "future": True},
    "barcode": {"type": "text"},
    "calculate": {"type": "calculated"},
    "image": {"type": "file", "file": FileRule(("image/*",))},
    "audio": {"type": "file", "file": FileRule(("audio/*",))},
    "video": {"type": "file", "file": FileRule(("video/*",))},
    "file": {"type": "file"},
}
_RECORDED = frozenset({"start", "end", "today", "audit", "start-geopoint", "background-audio"})
_IDENTITIES = frozenset({"username", "phonenumber", "email", "deviceid", "subscriberid", "simserial"})
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_YES = ("yes", "true", "true()", "1")


@dataclass
class QuestionReader:
    """Reads questions and texts in ``languages``; the codelists they need are made when first chosen from."""

    book: Workbook
    languages: tuple[str, ...]
    findings: Findings
    choices_findings: Findings
    _ids: Ids = field(default_factory=Ids)
    _lists: dict[str, Codelist | None] = field(default_factory=dict)

    def text(self, row: Row, column: str) -> Text | None:
        """The text of a column in every language that has it; the source language falls back on the plain column."""
        found = {code: words(row[f"{column}::{code}"]) for code in self.languages}
        source = self.languages[0]
        found[source] = found[source] or words(row[column])
        first = next((words for words in found.values() if words), "")
        if not first:
            return None
        found[source] = found[source] or first
        return Text({code: each for code, each in found.items() if each})

    def plain(self, text: str) -> Text:
        return Text({self.languages[0]: text})

    def arguments(self, row: Row, make_id: Callable[[], str]) -> dict[str, Any] | None:
        """The arguments of the item; None with a finding for a question that is not taken over."""
        kind, _, rest = row["type"].partition(" ")
        kind = kind.lower()
        if not row["name"] and kind not in _RECORDED | _IDENTITIES:
            self.findings.say(row, "name", "the question has no name", "a name", severity="error")
            return None
        specific = self._kind(row, kind, rest.strip())
        if specific is None:
            return None
        made = make_id()
        base: dict[str, Any] = {"id": made, "label": self.text(row, "label") or self.plain(row["name"])}
        hint = self.text(row, "hint")
        if hint is not None:
            base["hint"] = hint
        required = row["required"].lower()
        if required in _YES and specific["type"] != "calculated":
            base["required"] = True
        elif required and required not in ("no", "false", "false()", "0", *_YES):
            self.findings.say(row, "required", "whether an answer is required depends; it became optional", "yes or no")
        for column in ("default", "read_only", "readonly", "trigger", "choice_filter"):
            if row[column] and row[column].lower() not in ("no", "false", "false()"):
                serious = "warning" if column == "choice_filter" else "note"
                message = f"{column} was not taken over" + (
                    "; every choice is offered" if column == "choice_filter" else ""
                )
                self.findings.say(row, column, message, row[column][:80], severity=serious)  # type: ignore[arg-type]
        return base | specific

    def _kind(self, row: Row, kind: str, rest: str) -> dict[str, Any] | None:
        appearance = row["appearance"].lower()
        if kind in ("select_one", "select_multiple", "rank"):
            name = self._list(row, rest.removesuffix(" or_other").strip())
            if rest.endswith(" or_other"):
                self.findings.say(row, "type", "or_other was not taken over", "a choice and a text of your own")
            if kind == "rank":
                self.findings.say(row, "type", "the order of the answers was not taken over", severity="warning")
            if name is None:
                return None
            choose = {"choose": "select"} if "minimal" in appearance else {}
            return {"type": "codelist" if kind == "select_one" else "multiselect", "codelist": name, **choose}
        if kind == "range":
            return self._range(row)
        if kind == "acknowledge":
            self._lists.setdefault(
                "acknowledge", Codelist(self._ids.make("ACKNOWLEDGED"), (Term("OK", self.plain("OK")),))
            )
            return {"type": "codelist", "codelist": self._lists["acknowledge"].id}  # type: ignore[union-attr]
        if kind in _SIMPLE:
            return _SIMPLE[kind] | ({"lines": 4} if "multiline" in appearance and kind in ("text", "string") else {})
        if kind in _IDENTITIES:
            message = f"{kind} says who answered and was not taken over; the ledger records who entered what"
            self.findings.say(row, "type", message)
        elif kind in _RECORDED:
            self.findings.say(row, "type", f"{kind} is recorded by the ledger and was not taken over", severity="note")
        elif kind == "note":
            self.findings.say(row, "type", "a note asks nothing and was not taken over", severity="note")
        else:
            accepted = "select_one, select_multiple, integer, decimal, text, date, time, dateTime, calculate, ..."
            self.findings.say(row, "type", f"{kind[:40]} was not taken over", accepted)
        return None

    def _range(self, row: Row) -> dict[str, Any]:
        given = dict(re.findall(r"(start|end|step)\s*=\s*(-?[\d.]+)", row["parameters"]))
        limits = {"start": "0", "end": "10", "step": "1"} | {
            key: value for key, value in given.items() if _NUMBER.fullmatch(value)
        }
        low, high = Decimal(limits["start"]), Decimal(limits["end"])
        whole = all(Decimal(value) == int(Decimal(value)) for value in limits.values())
        kind = {"type": "integer"} if whole else {"type": "decimal"}
        if low > high:
            self.findings.say(row, "parameters", "start is after end; no limits were taken over", "start=0 end=10")
            return kind
        return kind | {"hard_range": Range(low, high)}

    def _list(self, row: Row, name: str) -> str | None:
        if name not in self._lists:
            self._lists[name] = self._make_list(name)
        codelist = self._lists[name]
        if codelist is None:
            message = f"there is no list {name[:40]!r} on the sheet choices"
            self.findings.say(row, "type", message, "a list_name of the sheet choices", severity="error")
            return None
        return codelist.id

    def _make_list(self, name: str) -> Codelist | None:
        terms: dict[str, Term] = {}
        for choice in self.book.choices:
            if (choice["list_name"] or choice["list"]) != name:
                continue
            code = words(choice["name"] or choice["value"])
            if not code:
                self.choices_findings.say(choice, "name", f"a choice of {name} has no name", severity="error")
            elif code in terms:
                self.choices_findings.say(
                    choice, "name", f"{code[:40]} is in {name} twice", "each once", severity="error"
                )
            else:
                terms[code] = Term(code, self.text(choice, "label") or self.plain(code))
        return Codelist(self._ids.make(name, fallback="LIST"), tuple(terms.values())) if terms else None

    def all_codelists(self) -> tuple[Codelist, ...]:
        return tuple(each for each in self._lists.values() if each is not None)
