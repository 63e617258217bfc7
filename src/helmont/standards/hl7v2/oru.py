"""ORU^R01 as laboratory results: who by number only, what, when, how much, with which status.

Names, birth dates, addresses and numbers of other registries are not read; that they were there is said. A result is taken
under the participant's study number alone, from the field that the study names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from helmont.standards.hl7v2.messages import Message, Segment, read_messages
from helmont.standards.laboratory import LabResult, Status, read_moment, split_comparator
from helmont.study.faults import Fault

# HL7 table 0085; what is not listed is no result yet (I, O, N, S) or no result of this kind (W, D).
STATUSES: dict[str, Status] = {"F": "final", "U": "final", "P": "preliminary", "R": "preliminary", "C": "corrected",
                               "X": "cancelled"}  # fmt: skip
IDENTIFYING = {
    "PID": {4: "other identifiers", 5: "the name", 6: "the mother's name", 7: "the date of birth", 9: "an alias",
            11: "the address", 13: "a telephone number", 14: "a telephone number", 18: "an account number",
            19: "a national number", 20: "a driver's licence"},
    "NK1": {2: "the name of a relative"},
    "GT1": {3: "the name of a guarantor"},
    "IN1": {16: "the name of an insured person"},
}  # fmt: skip
VALUES = {"NM", "SN", "ST", "CE", "CWE", "TX", "FT", "IS", "ID"}
_FIELD = re.compile(r"([A-Z][A-Z0-9]{2})-(\d{1,2})(?:\.(\d{1,2}))?", re.ASCII)


def read_oru(data: bytes, file: str, participant: str, visit: str | None) -> tuple[list[LabResult], list[Fault]]:
    """Results and findings of a file. ``participant`` and ``visit`` name fields, ``PID-3`` or ``OBR-13.2``.

    Raises ``UnreadableFile`` when the file, or the encoding of one of its messages, cannot be read at all.
    """
    results: list[LabResult] = []
    faults: list[Fault] = []
    for message in read_messages(data, file):
        for result in _results(message, file, participant, visit, faults):
            results.append(result)
    return results, faults


def _results(
    message: Message, file: str, participant: str, visit: str | None, faults: list[Fault]
) -> Iterator[LabResult]:
    head = message.head
    kind = (head.text(9), head.text(9, 2))
    if kind != ("ORU", "R01"):
        said = "^".join(kind).strip("^") or "nothing"
        faults.append(Fault(file, head.line, head.place(9), f"message {message.number} is {said}", "ORU^R01"))
        return
    _name_identities(message, file, faults)
    people: dict[str, Segment] = {}
    order: Segment | None = None
    for segment in message.segments:
        if segment.name == "PID":
            people, order = {"PID": segment}, None
        elif segment.name == "OBR":
            order = segment
        elif segment.name == "OBX":
            if order is None:
                faults.append(
                    Fault(file, segment.line, segment.place(), "an observation without an order", "OBR before OBX")
                )
                continue
            around = {**people, order.name: order, "OBX": segment, "MSH": head}
            found = _result(segment, order, around, file, participant, visit, faults)
            if found is not None:
                yield found
        if segment.name in ("PV1", "PV2", "ORC", "SPM"):
            people[segment.name] = segment


def _result(
    obx: Segment,
    obr: Segment,
    around: dict[str, Segment],
    file: str,
    participant: str,
    visit: str | None,
    faults: list[Fault],
) -> LabResult | None:
    before = len(faults)

    def wrong(segment: Segment, field: int | None, message: str, accepted: str) -> None:
        faults.append(Fault(file, segment.line, segment.place(field), message, accepted))

    who = _field(around, participant)
    if not who:
        wrong(obx, None, f"{participant} is empty: whose result this is is not known", "the participant's study number")
    kind = obx.text(2)
    if kind and kind not in VALUES:
        wrong(obx, 2, f"{kind[:10]} is not a kind of result that is read", ", ".join(sorted(VALUES)))
    codes = tuple(dict.fromkeys(code for code in (obx.text(3, 1), obx.text(3, 4)) if code))
    if not codes:
        wrong(obx, 3, "the test has no code", "a LOINC or local code")
    stated = obx.text(11) or obr.text(25)
    status = STATUSES.get(stated)
    if status is None:
        wrong(obx, 11, f"{stated[:10] or 'nothing'} is not the status of a result", "F, P, C or X")
    moment = None
    for segment, field in ((obx, 14), (obr, 7), (obr, 14)):
        if text := segment.text(field):
            moment = read_moment(text)
            if moment is None:
                wrong(segment, field, f"{text[:40]} is not a time", "20140116, or 20140116093000+0100")
            break
    comparator, value = _value(obx, kind)
    if not value and status != "cancelled":
        wrong(obx, 5, "the result is missing", "a number, or the status X")
    if len(faults) > before or status is None:
        return None
    return LabResult(
        line=obx.line,
        place=obx.place(5),
        participant=who,
        visit=_field(around, visit) if visit else "",
        collected=moment[0] if moment else None,
        time=moment[1] if moment else "",
        codes=codes,
        value=value,
        comparator=comparator,
        unit=obx.text(6),
        status=status,
        reference=obx.text(7),
    )


def _value(obx: Segment, kind: str) -> tuple[str, str]:
    """Comparator and value: ``<^0.2`` of a structured number, ``<0.2`` of a text, the code of a coded result."""
    if kind != "SN":
        return split_comparator(obx.text(5))
    if obx.text(5, 3):  # a ratio or interval is no single number
        return "", "".join(obx.text(5, part) for part in (1, 2, 3, 4))
    return obx.text(5, 1)[:1].replace("=", ""), obx.text(5, 2)


def _field(around: dict[str, Segment], name: str) -> str:
    found = _FIELD.fullmatch(name)
    if found is None or found[1] not in around:
        return ""
    return around[found[1]].text(int(found[2]), int(found[3] or 1))


def _name_identities(message: Message, file: str, faults: list[Fault]) -> None:
    for segment in message.segments:
        for field, what in IDENTIFYING.get(segment.name, {}).items():
            if segment.has(field):
                wrong = f"{what} was left out"
                faults.append(Fault(file, segment.line, segment.place(field), wrong, "a study number only", "warning"))
