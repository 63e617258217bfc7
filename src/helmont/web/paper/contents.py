"""What a participant's casebook says on paper, in words: a page of particulars, every form with its standing, signatures,
and the audit trail. Only what its reader may see, as the pages show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from helmont.core.ledger.tlog.notes import Checkpoint
from helmont.core.people.models import Person
from helmont.core.permissions import Actor
from helmont.core.roles import ROLES
from helmont.core.signatures.queries import signatures_under
from helmont.edc.items import base_item
from helmont.edc.keys import LOG
from helmont.edc.models import Comment, Form, Query
from helmont.edc.queries.audit import participant_audit
from helmont.edc.queries.forms import forms_of, hidden_items
from helmont.edc.queries.locks import holds_around
from helmont.edc.queries.worklist import visible_queries
from helmont.participants.models import Encounter, Participant
from helmont.participants.queries import PlannedEncounter, encounters_of, scope_of
from helmont.studies.models import Site
from helmont.studies.queries import compiled
from helmont.study.compiled_forms import CompiledForm
from helmont.study.model import Group
from helmont.web.audit.trail import Reader, ShownEntry
from helmont.web.dates import day_text, moment_text
from helmont.web.entry.words import described_date
from helmont.web.paper.shapes import Answers, Change, Paper, PaperForm, Section
from helmont.web.templatetags.house import day, thousands, word


class Writer:
    """Puts one participant's casebook into words for one reader, in one language."""

    def __init__(self, reader: Actor, participant: Participant, language: str, moment: datetime) -> None:
        self.reader, self.participant, self.language, self.moment = reader, participant, language, moment
        self.today = moment.astimezone(ZoneInfo(reader.timezone)).date()
        self.study = compiled(participant.study, participant.definition)
        self.rows = {row.key: row for row in forms_of(reader, participant, self.today)}
        self.remarks = self._remarks()

    def paper(self, checkpoint: Checkpoint) -> Paper:
        """The casebook as of now; ``checkpoint`` seals the state it was read from."""
        number = self.participant.number
        return Paper(
            title=_("Casebook of participant %s") % number,
            lede=self.study.study.title.get(self.language)[0],
            language=self.language,
            study=self.participant.study,
            number=number,
            made=_("Made for %(name)s on %(time)s")
            % {"name": self._name(self.reader.handle), "time": self._time(self.moment.isoformat())},
            explanation=_(
                "This casebook holds what its reader may see. A figure in it can be followed to the entry of the ledger"
                " that wrote it, by the number in the audit trail; the checkpoint above seals all entries up to then."
            ),
            particulars=tuple(self._particulars(checkpoint)),
            sections=(*self._visits(), *self._logs()),
            signatures=tuple(self._signatures()),
            trail=tuple(self._trail()),
            words=words(checkpoint),
        )

    def _particulars(self, checkpoint: Checkpoint) -> Iterator[tuple[str, str]]:
        row = self.participant
        site = Site.objects.filter(study=row.study, number=row.site).first()
        yield _("Study"), row.study
        yield _("Version of the study definition"), row.definition
        yield _("Site"), f"{row.site} {site.name}" if site else row.site
        yield _("Status"), word(row.status)
        yield _("Screened on"), day(row.screened)
        for hold in holds_around(row):
            yield (
                _("Lock"),
                f"{hold.what}: {word(hold.state)}, {self._name(hold.by)}, {self._time(hold.at)}. {hold.reason}",
            )
        roles = sorted({str(ROLES[grant.role].title) for grant in self.reader.grants if grant.study == row.study})
        yield _("Reader"), f"{self._name(self.reader.handle)} ({', '.join(roles)})"
        yield _("Entries in the ledger"), thousands(checkpoint.size)
        yield _("Root of the ledger"), checkpoint.root.hex()
        yield _("Log"), checkpoint.origin

    def _visits(self) -> Iterator[Section]:
        found = list(Encounter.objects.filter(participant=self.participant))
        for encounter in encounters_of(self.participant, self.study, found, self.language, self.today):
            keys = [f"{encounter.key}/{form}" for form in self._forms_at(encounter)]
            forms = tuple(self._form(self.rows[key]) for key in keys if key in self.rows)
            if encounter.date or encounter.reason or forms:
                yield Section(encounter.label, _standing(encounter), forms)

    def _forms_at(self, encounter: PlannedEncounter) -> list[str]:
        """Ids of the forms of a visit, those that were planned first."""
        container = f"{self.participant.key}/{encounter.oid}"
        entered = [row.form for row in self.rows.values() if row.container == container]
        return [form for form in dict.fromkeys([*self.study.forms_at(encounter.oid), *entered]) if self._known(form)]

    def _known(self, form: str) -> bool:
        return form in self.study.forms

    def _logs(self) -> Iterator[Section]:
        for form in self.study.study.protocol.logs:
            container = f"{self.participant.key}/{LOG}/{form}"
            lines = sorted((r for r in self.rows.values() if r.container == container), key=lambda row: int(row.line))
            if lines:
                title = self.study.forms[form].form.title.get(self.language)[0]
                yield Section(title, "", tuple(self._form(row) for row in lines))

    def _form(self, row: Form) -> PaperForm:
        form = self.study.forms[row.form]
        title = form.form.title.get(self.language)[0]
        if row.line:
            title = f"{row.line}. {form.line_title(row.data, self.language)}"
        standing: list[str] = [word(row.status)]
        if row.signed:
            standing.append(word("signed" if row.signed == "valid" else "broken"))
        if row.lock in ("frozen", "locked"):
            standing.append(word(row.lock))
        if row.note:
            standing.append(row.note)
        hidden = hidden_items(self.reader, self.participant, form, self.today)
        groups = (self._group(form, row, group, hidden) for group in form.form.groups)
        return PaperForm(
            title,
            " · ".join(standing),
            tuple(group for group in groups if group.rows),
            tuple(self.remarks.get(row.key, ())),
        )

    def _group(self, form: CompiledForm, row: Form, group: Group, hidden: frozenset[str]) -> Answers:
        title = group.title.get(self.language)[0] if group.title else ""
        items = [item for item in group.items if item.id not in hidden]
        if group.repeats is None:
            rows = [
                (item.label.get(self.language)[0], self._answer(form, row, item.id), self._mark(row, item.id))
                for item in items
            ]
            return Answers(title, (), tuple(rows))
        numbers = sorted({int(key[len(group.id) + 1 : key.index("]")]) for key in row.data if f"{group.id}[" in key})
        table = [
            (
                form.row_label(group, number, self.language),
                *(self._cell(form, row, f"{group.id}[{number}].{item.id}") for item in items),
            )
            for number in numbers
        ]
        return Answers(title, ("", *(item.label.get(self.language)[0] for item in items)), tuple(table))

    def _cell(self, form: CompiledForm, row: Form, key: str) -> str:
        mark = self._mark(row, key)
        return f"{self._answer(form, row, key)}{f' ({mark})' if mark else ''}"

    def _answer(self, form: CompiledForm, row: Form, key: str) -> str:
        value = row.data.get(key)
        if value is None:
            return "–"
        if isinstance(value, dict) and "not_done" in value:
            return str(_("Not done: %s") % value["not_done"])
        if isinstance(value, str) and form.item(key).type in ("date", "datetime"):
            return described_date(value)
        return form.display(key, value, self.language)

    def _mark(self, row: Form, key: str) -> str:
        marks = [str(word("verified"))] if key in row.verified else []
        if key in row.lapsed and key in row.data:
            marks.append(_("changed since it was verified"))
        if key in row.held:
            marks.append(str(word(row.held[key]["state"])))
        return " · ".join(marks)

    def _remarks(self) -> dict[str, list[str]]:
        """Queries with their answers, and comments, by form, in words."""
        found: dict[str, list[str]] = {}
        if self.reader.may("query.view", scope_of(self.participant), self.today):
            asked = visible_queries(self.reader, self.participant.study, self.participant.definition, self.today)
            for query in asked.filter(participant=self.participant).order_by("opened", "key"):
                found.setdefault(query.form, []).append(self._query(query))
        for comment in Comment.objects.filter(participant=self.participant).order_by("written"):
            row = self.rows.get(comment.form)
            form = self.study.forms.get(row.form) if row else None
            hidden = hidden_items(self.reader, self.participant, form, self.today) if form else frozenset()
            if form is not None and base_item(comment.item) not in hidden:
                said = f"{self._name(comment.author)}, {self._time(comment.written)}: {comment.text}"
                found.setdefault(comment.form, []).append(f"{self._label(form, comment.item)} {said}".strip())
        return found

    def _query(self, query: Query) -> str:
        row = self.rows.get(query.form)
        form = self.study.forms.get(row.form) if row else None
        first, *later = (query.messages[number] for number in sorted(query.messages))
        question = first["text"] or query.text.get(self.language) or next(iter(query.text.values()), "")
        asked = _("edit check %s") % query.rule if query.rule else self._name(first["by"])
        said = [f"{asked}, {self._time(query.opened)}: {question}"]
        said += [f"{self._name(m['by'])}, {self._time(m['at'])}: {m['text'] or word(query.status)}" for m in later]
        return f"{_('Query')} ({word(query.status)}) {self._label(form, query.item)} {' — '.join(said)}"

    def _label(self, form: CompiledForm | None, item: str) -> str:
        if form is None or item not in form.item_keys():
            return item
        return f"“{form.label(item, self.language)}”"

    def _signatures(self) -> Iterator[tuple[str, ...]]:
        under = signatures_under([f"form:{key}" for key in self.rows])
        for record, standing in sorted(under.items()):
            row = self.rows[record.partition(":")[2]]
            title = self.study.forms[row.form].form.title.get(self.language)[0] if self._known(row.form) else row.form
            place = row.key.split("/", 2)[2]
            for each in standing:
                valid = word("signed") if each.valid else word("broken")
                yield (
                    each.name,
                    f"{title} ({place}): {each.statement}",
                    self._time(each.time),
                    f"{each.title} · {valid}",
                )

    def _trail(self) -> Iterator[Change]:
        row = self.participant
        if not self.reader.may("audit.view", scope_of(row), self.today):
            return
        newest_first, _more = participant_audit(self.reader, row.study, row.number, self.today, limit=1_000_000)
        for entry in Reader(self.study, self.language).entries(row.study, newest_first[::-1]):
            yield self._entry(entry)

    def _entry(self, entry: ShownEntry) -> Change:
        changes = [
            f"{f'{title} · ' if title else ''}{one.label}: {_from_to(one.old, one.new)}"
            for title, group in entry.changes
            for one in group
        ]
        return Change(
            sequence=str(entry.sequence),
            time=self._time(entry.time),
            who=f"{entry.who} ({entry.role})",
            what=f"{entry.done} {entry.what} ({entry.channel})" + (f" {_('[redacted]')}" if entry.redacted else ""),
            changes=tuple(changes),
            reason=entry.reason,
        )

    def _time(self, moment: str) -> str:
        return moment_text(moment, self.reader.timezone)

    def _name(self, handle: str) -> str:
        if not hasattr(self, "_names"):
            self._names: dict[str, str] = dict(Person.objects.values_list("handle", "name"))
        return self._names.get(handle, handle)


def casebook_paper(reader: Actor, participant: Participant, language: str, checkpoint: Checkpoint) -> Paper:
    """The participant's casebook as it is now, for this reader; ``checkpoint`` is one of this very state."""
    return Writer(reader, participant, language, datetime.now(UTC)).paper(checkpoint)


def words(checkpoint: Checkpoint) -> dict[str, Any]:
    """The headings of the layout."""
    size, root = thousands(checkpoint.size), checkpoint.root.hex()[:12]
    return {
        "what": _("Particular"),
        "value": _("Value"),
        "question": _("Question"),
        "answer": _("Answer"),
        "standing": _("Standing"),
        "contents": _("Contents"),
        "sealed": _("%(size)s entries, root %(root)s…") % {"size": size, "root": root},
        "signatures": _("Signatures"),
        "signature_columns": [_("Signer"), _("What was signed"), _("When"), _("Meaning")],
        "trail": _("Audit trail"),
        "trail_columns": [_("Entry"), _("When"), _("Who"), _("What was done")],
    }


def _standing(encounter: PlannedEncounter) -> str:
    """When the visit was, or why it was not."""
    parts: Iterable[str] = (
        day_text(datetime.fromisoformat(encounter.date)) if encounter.date else word(encounter.standing),
        _("outside its window") if encounter.out_of_window else "",
        encounter.reason,
    )
    return " · ".join(part for part in parts if part)


def _from_to(old: str, new: str) -> str:
    return f"{old} → {new or '–'}" if old else new or "–"
