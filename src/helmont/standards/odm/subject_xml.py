"""One SubjectData element, in either version.

1.3.2 puts audit, signature and annotations before what an element holds, 2.0 after it; 2.0 knows queries of its own and has
forms as item groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from helmont.standards.odm.administrative import FORMS
from helmont.standards.odm.encoding import Encoded, encode, joined
from helmont.standards.odm.markup import escaped, quoted, tag
from helmont.standards.odm.names import (
    CHECKS,
    FLAG_TYPES,
    FLAG_VALUES,
    PARTICIPANT_EVENT,
    PARTICIPANT_FORM,
    VISIT_FORM,
    Version,
    event_oid,
    form_oid,
    group_oid,
    item_oid,
    unit_oid,
)
from helmont.standards.odm.records import (
    EventRecord,
    FormRecord,
    ItemRecord,
    QueryRecord,
    Remark,
    Seal,
    Stamp,
    SubjectRecord,
)

_STATES = {"open": "Open", "answered": "Answered", "closed": "Closed", "cancelled": "Cancelled"}


class SubjectWriter:
    """Writes SubjectData elements as text, in the default namespace. ``language`` is that of comments (2.0)."""

    def __init__(self, version: Version, language: str = "en") -> None:
        self.new = version == "2.0"
        self.language = language
        self._audited: tuple[Stamp | None, str] = (None, "")

    def subject(self, subject: SubjectRecord) -> str:
        """``SubjectData`` with everything that the record holds."""
        stamps = self._stamps(subject.stamp)
        inner = tag("SiteRef", LocationOID=f"LOC.{subject.site}") if subject.site else ""
        if subject.standing:
            standing = self._administrative(PARTICIPANT_FORM, subject.standing, None)
            inner += tag("StudyEventData", standing, StudyEventOID=PARTICIPANT_EVENT)
        inner += "".join([self._event(event) for event in subject.events])
        return tag(
            "SubjectData", self._around(stamps, inner), SubjectKey=subject.subject, TransactionType=subject.change
        )

    def _around(self, stamps: str, inner: str) -> str:
        return inner + stamps if self.new else stamps + inner

    def _event(self, record: EventRecord) -> str:
        forms = self._administrative(VISIT_FORM, record.visit, record.stamp) if record.visit else ""
        forms += "".join([self._form(form) for form in record.forms])
        return tag("StudyEventData", forms, StudyEventOID=event_oid(record.event), StudyEventRepeatKey=record.number)

    def _container(self, oid: str, inner: str, repeat: str = "", change: str = "") -> str:
        """FormData (1.3.2), or the ItemGroupData that a form is in 2.0."""
        if self.new:
            return tag("ItemGroupData", inner, ItemGroupOID=oid, ItemGroupRepeatKey=repeat, TransactionType=change)
        return tag("FormData", inner, FormOID=oid, FormRepeatKey=repeat, TransactionType=change)

    def _administrative(self, oid: str, values: Mapping[str, str], stamp: Stamp | None) -> str:
        group, _name, items = FORMS[oid]
        said = [(item, values[name]) for item, *_rest in items if (name := item.rsplit(".", 1)[1]) in values]
        inner = "".join([self._item(item, ItemRecord("", "text", text or None, stamp=stamp)) for item, text in said])
        return self._container(oid, tag("ItemGroupData", inner, ItemGroupOID=group))

    def _form(self, record: FormRecord) -> str:
        remarks = list(record.remarks)
        if record.status:
            remarks.insert(0, Remark(record.note, {"status": record.status}))
        groups = []
        for group in record.groups:
            items = "".join([self._item(item_oid(record.form, item.item), item) for item in group.items])
            oid, row = group_oid(record.form, group.group), str(group.row) if group.row else ""
            groups.append(tag("ItemGroupData", items, ItemGroupOID=oid, ItemGroupRepeatKey=row))
        inner = self._around(self._stamps(record.stamp, record.seal, remarks), "".join(groups))
        return self._container(form_oid(record.form), inner, record.line_number, record.change)

    def _item(self, oid: str, record: ItemRecord) -> str:
        encoded = encode(record.value, record.type)
        remarks = [encoded.remark, *record.remarks] if encoded.remark else record.remarks
        empty = record.change != "Context" and (record.value is None or encoded.remark is not None)
        attributes = f' ItemOID="{quoted(oid)}"'
        if record.change:
            attributes += f' TransactionType="{record.change}"'
        if empty:
            attributes += ' IsNull="Yes"'
        if self.new:
            queries = "".join([self._query(query, record) for query in record.queries])
            inner = self._values(encoded) + self._stamps(record.stamp, None, remarks) + queries
            item = f"<ItemData{attributes}>{inner}</ItemData>" if inner else f"<ItemData{attributes}/>"
            unit = tag("Value", escaped(encoded.unit)) if encoded.unit else ""
            return item + (tag("ItemData", unit, ItemOID=f"{oid}.unit") if unit else "")
        if encoded.texts:
            text = joined(encoded.texts) if record.type == "multiselect" else encoded.texts[0]
            attributes += f' Value="{quoted(text)}"'
        inner = self._audit(record.stamp) if record.stamp else ""
        if encoded.unit:
            inner += tag("MeasurementUnitRef", MeasurementUnitOID=unit_oid(encoded.unit))
        if remarks or record.queries:
            inner += self._annotations([*remarks, *(one for query in record.queries for one in _as_remarks(query))])
        return f"<ItemData{attributes}>{inner}</ItemData>" if inner else f"<ItemData{attributes}/>"

    def _values(self, encoded: Encoded) -> str:
        several = len(encoded.texts) > 1
        numbered = enumerate(encoded.texts, 1)
        return "".join(
            [tag("Value", escaped(text), SeqNum=str(number) if several else None) for number, text in numbered]
        )

    # What stands beside data

    def _stamps(self, stamp: Stamp | None, seal: Seal | None = None, remarks: Sequence[Remark] = ()) -> str:
        said = self._audit(stamp) if stamp else ""
        if seal:
            said += tag(
                "Signature",
                tag("UserRef", UserOID=f"USR.{seal.user}")
                + tag("LocationRef", LocationOID=f"LOC.{seal.location}")
                + tag("SignatureRef", SignatureOID=f"SD.{seal.meaning}")
                + tag("DateTimeStamp", escaped(seal.time)),
            )
        return said + self._annotations(remarks) if remarks else said

    def _audit(self, stamp: Stamp) -> str:
        """An AuditRecord. The items of one entry share theirs."""
        if self._audited[0] is not stamp:
            said = tag("UserRef", UserOID=f"USR.{stamp.user}") + tag("LocationRef", LocationOID=f"LOC.{stamp.location}")
            said += tag("DateTimeStamp", escaped(stamp.time))
            said += tag("ReasonForChange", escaped(stamp.reason)) if stamp.reason else ""
            said += tag("SourceID", escaped(stamp.source)) if stamp.source else ""
            self._audited = (stamp, tag("AuditRecord", said))
        return self._audited[1]

    def _annotations(self, remarks: Iterable[Remark]) -> str:
        said = []
        for number, remark in enumerate(remarks, 1):
            inner = self._comment(remark) if remark.text else ""
            for kind, value in remark.flags.items():
                values = tag("FlagValue", escaped(value), CodeListOID=CHECKS if kind == "check" else FLAG_VALUES)
                inner += tag("Flag", values + tag("FlagType", escaped(kind), CodeListOID=FLAG_TYPES))
            said.append(tag("Annotation", inner, SeqNum=str(number)))
        return "".join(said)

    def _comment(self, remark: Remark) -> str:
        text, side = escaped(remark.text), "Sponsor" if remark.sponsor else "Site"
        if self.new:
            text = f'<TranslatedText xml:lang="{quoted(self.language)}" Type="text/plain">{text}</TranslatedText>'
        return tag("Comment", text, SponsorOrSite=side)

    def _query(self, query: QueryRecord, item: ItemRecord) -> str:
        last, first = query.messages[-1], query.messages[0]
        site = item.stamp.location if item.stamp else "unknown"
        said = tag("Value", escaped(first.text or query.rule))
        for message in query.messages:
            reason = f"{message.kind}: {message.text}" if message.text else message.kind
            said += self._audit(Stamp(message.by, site, message.at, reason))
        return tag(
            "Query", said, OID=query.key, Source="System" if query.rule else "Data Management",
            Type="System" if query.rule else "Manual", State=_STATES[query.status], LastUpdateDatetime=last.at, Name=query.rule,
        )  # fmt: skip


def _as_remarks(query: QueryRecord) -> Iterable[Remark]:
    """A query as annotations (1.3.2): one for each message, the last one saying how the query stands."""
    for place, message in enumerate(query.messages):
        last = place == len(query.messages) - 1
        kinds = {"query": query.status if last else message.kind, **({"check": query.rule} if query.rule else {})}
        yield Remark(message.text, kinds, sponsor=message.kind != "answered")
