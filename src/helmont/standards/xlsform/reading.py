"""The survey of an XLSForm as one form: questions become items, groups groups, repeats repeating groups.

XPath in ``relevant``, ``constraint`` and ``calculation`` becomes CEL where it means the same; where it does not, the
finding names row and column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from helmont.standards.expressions.cel import CelWriter, Field, Kind
from helmont.standards.expressions.tree import Dialect, Tree, Untranslatable, parse
from helmont.standards.importing import Ids, Imported, as_id, finish, refused
from helmont.standards.tables import Draft, Findings, Row, words
from helmont.standards.xlsform.questions import QuestionReader
from helmont.standards.xlsform.workbook import Workbook, read_workbook
from helmont.study.faults import Fault
from helmont.study.model import Check, Form, Group, Item, Repeats, Study
from helmont.study.protocol import Activity, Encounter, Protocol
from helmont.study.text import Text

XPATH = Dialect(
    re.compile(r"\$\{\s*(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)\s*\}|\.(?![0-9A-Za-z_./])"),
    {"and": "and", "or": "or", "div": "/", "mod": "mod"},
)
_NAMES = ("VISIT", "PARTICIPANT", "TODAY", "HERE", "AT", "PREVIOUS", "LOG")
_KINDS: Mapping[str, Kind] = {
    "integer": "number",
    "decimal": "number",
    "calculated": "number",
    "date": "date",
    "datetime": "date",
    "multiselect": "list",
}
_DEFAULT_ROWS = 20


def read_xpath(text: str) -> Tree:
    """The tree of an XPath expression of an XLSForm; ``Untranslatable`` where it is not of the subset."""
    return parse(text, XPATH)


def read_xlsform(data: bytes, file: str) -> Imported:
    """The study of an XLSForm: one form, at one encounter, in the languages of its columns."""
    findings: list[Findings] = []
    book = read_workbook(data, file, findings)
    if book is None or any(each.severity == "error" for each in _all(findings)):
        return refused(_all(findings))
    languages = _languages(book)
    own = Findings(file, "survey")
    findings.append(own)
    survey = _Survey(QuestionReader(book, languages, own, Findings(file, "choices")), own)
    findings.append(survey.questions.choices_findings)
    for row in book.survey:
        survey.take(row)
    survey.close()
    form, checks = survey.form(_title(book, file, languages))
    if form is None:
        own.say(0, "", "nothing of the survey can be taken over", "questions", severity="error")
        return refused(_all(findings))
    made = Ids().make(book.settings["form_id"], PurePath(file).stem, fallback="XLSFORM")
    encounter = Encounter("EVENT_1", Text({languages[0]: "Event 1"}), day=1)
    protocol = Protocol((encounter,), (Activity(form.id, form.title, (form.id,)),), {form.id: (encounter.id,)})
    own.say(0, "", "a survey has no schedule, so one encounter has the form", severity="note")
    study = Study(
        made,
        book.settings["version"] or "1",
        form.title,
        languages,
        protocol,
        (form,),
        survey.questions.all_codelists(),
        tuple(checks),
    )
    return finish(study, _all(findings), file)


def _all(findings: list[Findings]) -> list[Fault]:
    return [fault for each in findings for fault in each.found]


def _languages(book: Workbook) -> tuple[str, ...]:
    """The languages in order, the default one first; English when no column names one."""
    codes = list(dict.fromkeys(book.languages.values()))
    default = book.languages.get(book.settings["default_language"])
    plain = any("label" in row.cells for row in book.survey)
    if default in codes:
        codes.remove(default)
        codes.insert(0, default)
    elif plain and codes and default is None and "en" not in codes:
        codes.insert(0, "en")
    return tuple(codes) or ("en",)


def _title(book: Workbook, file: str, languages: tuple[str, ...]) -> Text:
    stem = words(PurePath(file).stem.replace("_", " "))
    return Text({languages[0]: words(book.settings["form_title"]) or stem or "XLSForm"})


@dataclass
class _Block:
    """A group or repeat that is open: its row, its item group's id and title, and what it makes its items depend on."""

    row: Row
    repeat: bool
    group: str
    title: Text | None
    relevant: str = ""


@dataclass
class _Survey:
    """The survey on its way: the blocks that are open, and the drafts of its items in order."""

    questions: QuestionReader
    findings: Findings
    open: list[_Block] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    groups: dict[str, _Block | None] = field(default_factory=dict)
    ids: Ids = field(default_factory=lambda: Ids(*_NAMES))
    names: dict[str, int] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        kind = " ".join(row["type"].lower().replace("_", " ", 1).split()) if row["type"].lower().startswith(
            ("begin", "end")
        ) else row["type"]  # fmt: skip
        match kind:
            case "begin group" | "begin repeat":
                self._begin(row, kind == "begin repeat")
            case "end group" | "end repeat":
                if not self.open or self.open[-1].repeat != (kind == "end repeat"):
                    self.findings.say(row, "type", f"{kind} closes nothing that is open here", severity="error")
                else:
                    self.open.pop()
            case _:
                self._question(row)

    def _begin(self, row: Row, repeat: bool) -> None:
        inside = next((block for block in self.open if block.repeat), None)
        if inside is not None and repeat:
            self.findings.say(row, "type", "a repeat within a repeat has no equal here", "one level", severity="error")
        title = self.questions.text(row, "label")
        group = inside.group if inside else self.ids.make(row["name"] or "GROUP", fallback="GROUP")
        if inside and title:
            self.findings.say(row, "label", "a group within a repeat became part of it", severity="note")
        block = _Block(row, repeat, group, title, row["relevant"])
        self.open.append(block)
        self.groups.setdefault(group, block)

    def _question(self, row: Row) -> None:
        if not row["type"]:
            self.findings.say(row, "type", "the row has no type and was not read")
            return
        name = row["name"]
        if name and name in self.names:
            message = f"{name} is also in row {self.names[name]}"
            self.findings.say(row, "name", message, "a name once", severity="error")
            return
        self.names[name] = row.line
        arguments = self.questions.arguments(row, lambda: self.ids.make(name, fallback="ITEM"))
        if arguments is None:
            return
        if self.open:
            group = next((block.group for block in self.open if block.repeat), self.open[-1].group)
        else:
            group = next((each for each, block in self.groups.items() if block is None), "")
            if not group:
                group = self.ids.make("MAIN")
                self.groups[group] = None
        relevant = [text for block in self.open if (text := block.relevant)] + (
            [row["relevant"]] if row["relevant"] else []
        )
        joined = relevant[0] if len(relevant) == 1 else " and ".join(f"({text})" for text in relevant)
        said = self.questions.text(row, "constraint_message")
        self.drafts.append(Draft(row, group, arguments, joined, row["calculation"], row["constraint"], said))

    def close(self) -> None:
        for block in self.open:
            kind = "repeat" if block.repeat else "group"
            self.findings.say(block.row, "type", f"this {kind} is never closed", f"end_{kind}", severity="error")

    def form(self, title: Text) -> tuple[Form | None, list[Check]]:
        """The form and its checks, every expression written in CEL or left out with a finding."""
        self._calculations()
        made = as_id(str(title)) or "FORM"
        checks: list[Check] = []
        items: dict[str, list[Item]] = {}
        for draft in self.drafts:
            writer = CelWriter(self._fields(draft.group), draft.row["name"])
            skip = self._write(draft, "relevant", draft.relevant, writer)
            rule = self._write(draft, "constraint", draft.constraint, writer)
            if skip:
                draft.arguments["skip"] = f"!{skip}"
            items.setdefault(draft.group, []).append(Item(**draft.arguments))
            if rule:
                words_of = draft.message or self.questions.plain(f"This value is not accepted: {draft.constraint}")
                checks.append(Check(f"CHECK_{len(checks) + 1}", made, draft.id, rule, words_of, "refuse"))
        groups = tuple(
            self._group(name, block, tuple(items[name])) for name, block in self.groups.items() if name in items
        )
        return (Form(made, title, groups) if groups else None), checks

    def _group(self, name: str, block: _Block | None, items: tuple[Item, ...]) -> Group:
        repeats = None
        if block is not None and block.repeat:
            count = block.row["repeat_count"]
            if count and not re.fullmatch(r"[1-9]\d?\d?", count):
                self.findings.say(
                    block.row, "repeat_count", "a count that is calculated was not taken over", "a number"
                )
            known = int(count) if re.fullmatch(r"[1-9]\d?\d?", count) and int(count) <= 500 else None
            repeats = Repeats(known or _DEFAULT_ROWS, known or 0)
            if known is None:
                self.findings.say(
                    block.row, "type", f"the repeat has at most {_DEFAULT_ROWS} rows here", severity="note"
                )
        return Group(name, items, block.title if block else None, repeats)

    def _fields(self, group: str) -> dict[str, Field]:
        """What each question is called from an item of ``group``: those of another repeat have no one row and no name."""
        found = {}
        for draft in self.drafts:
            block = self.groups.get(draft.group)
            if draft.group == group or block is None or not block.repeat:
                found[draft.row["name"]] = Field(draft.id, _KINDS.get(str(draft.arguments["type"]), "text"))
        return found

    def _calculations(self) -> None:
        """Give calculated items their CEL; one that cannot be written is dropped, and so is what needs it."""
        again = True
        while again:
            again = False
            for draft in [each for each in self.drafts if each.arguments["type"] == "calculated"]:
                fields = self._fields(draft.group)
                try:
                    writer = CelWriter(fields, draft.row["name"])
                    draft.arguments["calculation"] = writer.calculation(read_xpath(draft.calculation))
                except Untranslatable as reason:
                    message = f"the calculation was not taken over, and so nor was the question: {reason}"
                    self.findings.say(draft.row, "calculation", message, draft.calculation[:80])
                    self.drafts.remove(draft)
                    again = True

    def _write(self, draft: Draft, column: str, text: str, writer: CelWriter) -> str | None:
        if not text:
            return None
        try:
            return writer.rule(read_xpath(text), guarded=column == "relevant")
        except Untranslatable as reason:
            what = "so the question is always asked" if column == "relevant" else "so nothing is checked"
            self.findings.say(draft.row, column, f"{column} was not taken over, {what}: {reason}", text[:80])
            return None
