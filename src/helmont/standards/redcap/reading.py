"""A data dictionary as a study definition.

REDCap's dictionary has fields and instruments, but no events. Where they are beside it (``project``), they become encounters;
otherwise one is made that has every form, for a person to spread out. The first field names the record; here that is the
participant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

from helmont.standards.archives import is_archive
from helmont.standards.expressions.cel import CelWriter, Field, Kind
from helmont.standards.expressions.tree import Dialect, Tree, Untranslatable, parse
from helmont.standards.importing import Ids, Imported, finish, refused
from helmont.standards.redcap.dictionary import rows_of
from helmont.standards.redcap.fields import FieldReader
from helmont.standards.redcap.project import Project, read_project, schedule
from helmont.standards.tables import Draft, Findings, Row, words
from helmont.study.model import Form, Group, Item, Study
from helmont.study.protocol import Activity, Encounter, Protocol
from helmont.study.text import Text

LOGIC = Dialect(
    re.compile(r"\[(?P<name>[A-Za-z][A-Za-z0-9_]*)(?:\((?P<code>[^()\[\]]+)\))?\](?!\s*\[)"), {"and": "and", "or": "or"}
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


def read_logic(text: str) -> Tree:
    """The tree of branching logic or of a calculation; ``Untranslatable`` where it is neither."""
    return parse(text, LOGIC)


def read_redcap(data: bytes, file: str) -> Imported:
    """The study of a data dictionary, alone or in a ZIP with the project's events, with findings for what was changed or left."""
    if not is_archive(data):
        return _read(data, file, Project())
    project = read_project(data, file)
    if project.dictionary is None:
        return refused(project.all_findings())
    name, content = project.dictionary
    return _read(content, name, project)


def _read(data: bytes, file: str, project: Project) -> Imported:
    findings = Findings(file)
    rows = rows_of(data, findings)
    if not rows and not findings.found:
        findings.say(1, "", "the dictionary has no fields", severity="error")
    if any(finding.severity == "error" for finding in findings.found):
        return refused(findings.found)
    reader, forms = FieldReader(findings), _Forms()
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        name = row["name"]
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            message = f"{name[:40]!r} is not the name of a field"
            findings.say(row, "name", message, "letters, digits and _, a letter first", severity="error")
        elif name.lower() in seen:
            findings.say(row, "name", f"{name} is also on line {seen[name.lower()]}", "a name once", severity="error")
        else:
            seen[name.lower()] = row.line
            form = forms.of(row)
            if number == 0:
                message = f"{name} names the record; here that is the participant, so it is not an item"
                findings.say(row, "name", message, severity="note")
            else:
                _take(row, form, reader, findings)
    made = _items(forms, findings)
    if not made:
        findings.say(0, "", "nothing of the dictionary can be taken over", severity="error")
        return refused(findings.found)
    names = {name: form.id for name, form in forms.by_name.items() if form.id in {each.id for each in made}}
    if project.designations is not None:
        protocol, forms_ = schedule(project, made, names)
    else:
        message = "a dictionary does not say at which events its instruments are used, so one encounter has them all"
        findings.say(0, "", message, "encounters and a schedule of your own", severity="note")
        protocol, forms_ = _one_event(made), tuple(made)
    found = [*findings.found, *project.all_findings()]
    return finish(_study(forms_, protocol, reader, file), found, file)


class _Forms:
    """The forms in order of appearance, with the drafts of their items and the titles of their groups."""

    def __init__(self) -> None:
        self._ids, self.by_name = Ids(), dict[str, _Form]()

    def of(self, row: Row) -> _Form:
        name = row["form"].lower()
        if name not in self.by_name:
            self.by_name[name] = _Form(self._ids.make(row["form"], fallback="FORM"), row["form"])
        form = self.by_name[name]
        title = words(row["section"])
        if title or not form.groups:
            form.groups.append((form.ids.make(f"{form.id} {len(form.groups) + 1}"), title))
        return form


class _Form:
    def __init__(self, made: str, name: str) -> None:
        self.id, self.name = made, name
        self.ids = Ids(*_NAMES)
        self.groups: list[tuple[str, str]] = []
        self.drafts: list[Draft] = []


def _take(row: Row, form: _Form, reader: FieldReader, findings: Findings) -> None:
    """Add the item of one field to its form, unless it is not taken over."""
    arguments = reader.arguments(row, form.ids.make(row["name"]))
    if arguments is None:
        return
    for column, message in (
        ("annotation", "the annotation was not taken over"),
        ("ranking", "ranking was not taken over"),
    ):
        if row[column] and row[column].lower() != "n":
            findings.say(row, column, f"{message}: {row[column][:60]}", severity="note")
    calculation = row["choices"] if arguments["type"] == "calculated" else ""
    form.drafts.append(Draft(row, form.groups[-1][0], arguments, row["branching"], calculation))


def _items(forms: _Forms, findings: Findings) -> list[Form]:
    """The forms with their items, every expression written in CEL or left out with a finding."""
    made = []
    for form in forms.by_name.values():
        fields = _fields(forms, form)
        writer = CelWriter({name.lower(): field for name, field in fields.items()})
        _drop_unwritten(form, writer, findings)
        items: dict[str, list[Item]] = {}
        for draft in form.drafts:
            if draft.relevant and (skip := _write(draft, writer, findings)):
                draft.arguments["skip"] = skip
            items.setdefault(draft.group, []).append(Item(**draft.arguments))
        groups = tuple(
            Group(name, tuple(items[name]), Text({"en": title}) if title else None)
            for name, title in form.groups
            if name in items
        )
        if groups:
            made.append(
                Form(form.id, Text({"en": form.name.replace("_", " ").strip().capitalize() or form.id}), groups)
            )
    return made


def _drop_unwritten(form: _Form, writer: CelWriter, findings: Findings) -> None:
    """Give calculated items their CEL, and drop those whose calculation cannot be written (and what reads them, in turn)."""
    waiting = True
    reported: set[str] = set()
    while waiting:
        waiting = False
        for draft in [each for each in form.drafts if each.calculation or each.arguments["type"] == "calculated"]:
            try:
                draft.arguments["calculation"] = writer.calculation(_lower(read_logic(draft.calculation)))
            except Untranslatable as reason:
                if draft.id not in reported:
                    message = f"the calculation was not taken over, and so nor was the field: {reason}"
                    findings.say(draft.row, "choices", message, draft.calculation[:80])
                reported.add(draft.id)
                form.drafts.remove(draft)
                writer.fields = {name: field for name, field in writer.fields.items() if field.cel != draft.id}
                waiting = True


def _fields(forms: _Forms, own: _Form) -> dict[str, Field]:
    """What each field is called in the expressions of one form: its own fields by id, others at the same encounter."""
    found = {}
    for form in forms.by_name.values():
        for draft in form.drafts:
            cel = draft.id if form is own else f"here.{form.id}.{draft.id}"
            found[draft.row["name"].lower()] = Field(cel, _KINDS.get(str(draft.arguments["type"]), "text"))
    return found


def _lower(tree: Tree) -> Tree:
    """Field names are the same in capitals or not."""
    word = tree.word.lower() if tree.op == "field" else tree.word
    return Tree(tree.op, word, tuple(map(_lower, tree.parts)), tree.column, tree.code)


def _write(draft: Draft, writer: CelWriter, findings: Findings) -> str | None:
    try:
        return f"!{writer.rule(_lower(read_logic(draft.relevant)), guarded=True)}"
    except Untranslatable as reason:
        message = f"the branching logic was not taken over, so the field is always asked: {reason}"
        findings.say(draft.row, "branching", message, draft.relevant[:80])
        return None


def _one_event(forms: list[Form]) -> Protocol:
    activities = tuple(Activity(form.id, form.title, (form.id,)) for form in forms)
    encounter = Encounter("EVENT_1", Text({"en": "Event 1"}), day=1)
    return Protocol((encounter,), activities, {each.id: (encounter.id,) for each in activities})


def _study(forms: tuple[Form, ...], protocol: Protocol, reader: FieldReader, file: str) -> Study:
    stem = PurePath(file).stem
    title = words(stem.replace("_", " ")) or "REDCap"
    made = Ids().make(stem, fallback="REDCAP")
    return Study(made, "1", Text({"en": title}), ("en",), protocol, forms, reader.all_codelists())
