"""ODM out of a study: what the person may see and nothing else, in the shape of the standard, and noted in the ledger."""

import tracemalloc
from collections import Counter
from datetime import UTC, datetime
from io import BytesIO

import pytest
from lxml import etree

from helmont.core.errors import NotFound, NotPermitted
from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from helmont.core.permissions import Actor, Grant, service
from helmont.core.writer import perform
from helmont.edc.actions.entry import RemoveLine, SaveForm
from helmont.edc.actions.queries import AnswerQuery, WriteComment
from helmont.edc.models import Query
from helmont.exchange.models import Export
from helmont.exchange.odm.exporting import export_odm, stream_odm
from helmont.exchange.odm.visible import Visible
from helmont.standards.odm.names import Version
from tests import cast
from tests.cast import AE, ALLOCATION, CONFIDENCE, PARTICIPANT, STUDY, VS
from tests.one_cast import cast_of_the_module, db  # noqa: F401  # fixtures
from tests.standards.odm.shape import misplaced

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]
TODAY = datetime.now(UTC).date()
EVERYTHING = Actor("uma", (Grant("unblinded_statistician", STUDY), Grant("inspector", STUDY)))
KINDS = [(version, audit) for version in ("1.3.2", "2.0") for audit in (True, False)]


def exported(actor: Actor, version: Version = "1.3.2", audit: bool = True) -> bytes:
    return b"".join(piece.data for piece in stream_odm(Visible(actor, STUDY, TODAY), version=version, audit=audit))


@pytest.mark.parametrize(("version", "audit"), KINDS)
def test_the_file_has_the_shape_of_the_standard(version: Version, audit: bool) -> None:
    query = Query.objects.get(form=VS, item="DIABP")
    perform(AnswerQuery(query.key, "Checked: < & > \x0b it is “right”"), cast.actor("coordinator"))
    perform(WriteComment(VS, "", "Seen\nagain"), cast.actor("monitor"))
    data = exported(EVERYTHING, version, audit)
    assert misplaced(etree.fromstring(data), version) == []


@pytest.mark.parametrize(("version", "audit"), KINDS)
def test_what_a_person_may_not_see_is_not_in_the_file(version: Version, audit: bool) -> None:
    blinded = exported(cast.actor("statistician"), version, audit)
    assert ALLOCATION.encode() not in blinded
    assert CONFIDENCE.encode() not in blinded
    assert ALLOCATION.encode() in exported(cast.actor("unblinded.statistician"), version, audit)
    assert ALLOCATION.encode() not in exported(service("command-line", "export_service"), version, audit)
    everything = exported(EVERYTHING, version, audit)
    assert ALLOCATION.encode() in everything
    assert CONFIDENCE.encode() in everything


def test_who_may_not_export_gets_nothing() -> None:
    with pytest.raises(NotPermitted):
        exported(cast.actor("monitor"))
    with pytest.raises(NotFound):
        exported(cast.actor("outsider"))


def test_every_change_has_its_audit_record() -> None:
    perform(SaveForm(VS, {"SYSBP": "120", "DIABP": None}, reason="misread"), cast.actor("coordinator"))
    perform(RemoveLine(AE, reason="entered twice"), cast.actor("coordinator"))
    root = etree.fromstring(exported(EVERYTHING))
    changed = [
        (
            item.get("ItemOID"),
            item.get("TransactionType"),
            item.get("Value"),
            item.findtext("{*}AuditRecord/{*}ReasonForChange"),
            item.find("{*}AuditRecord/{*}UserRef").get("UserOID"),
        )
        for item in root.iter("{*}ItemData")
        if item.findtext("{*}AuditRecord/{*}ReasonForChange") == "misread" and item.get("TransactionType") != "Context"
    ]
    assert ("IT.VS.SYSBP", "Update", "120", "misread", "USR.coordinator") in changed
    assert ("IT.VS.DIABP", "Remove", None, "misread", "USR.coordinator") in changed
    removed = [form for form in root.iter("{*}FormData") if form.get("TransactionType") == "Remove"]
    assert [(one.get("FormOID"), one.get("FormRepeatKey")) for one in removed] == [("F.AE", "1")]
    assert removed[0].findtext("{*}AuditRecord/{*}ReasonForChange") == "entered twice"
    sequences = [int(one.text or 0) for one in root.iter("{*}SourceID")]
    assert sequences == sorted(sequences)
    entry = store.read_entry(STUDY, sequences[-1])
    assert entry is not None
    assert entry.time == [one.text for one in root.iter("{*}DateTimeStamp")][-1]


def test_a_snapshot_says_what_is_there_now() -> None:
    root = etree.fromstring(exported(EVERYTHING, audit=False))
    subjects = {one.get("SubjectKey"): one for one in root.iter("{*}SubjectData")}
    assert set(subjects) == {PARTICIPANT, cast.OTHER_PARTICIPANT}
    values = {one.get("ItemOID"): one.get("Value") for one in subjects[PARTICIPANT].iter("{*}ItemData")}
    assert (values["IT.VS.SYSBP"], values["IT.visit.date"], values["IT.participant.status"]) == (
        "80",
        "2026-01-12",
        "screening",
    )
    queries = [one.text for one in subjects[PARTICIPANT].iter("{*}FlagValue") if one.get("CodeListOID") == "CL.check"]
    assert queries


def test_the_ledger_notes_what_left_and_without_what() -> None:
    target = BytesIO()
    made = export_odm(cast.actor("statistician"), STUDY, target, TODAY, audit=False)
    note = Export.objects.get(study=STUDY)
    assert (note.sha256, note.size, note.person) == (made.sha256, len(target.getvalue()), "statistician")
    assert (note.format, note.contents, note.participants, note.hidden) == (
        "ODM 1.3.2",
        "snapshot",
        2,
        "allocation source",
    )
    assert verify([STUDY]).faults == []


@pytest.mark.slow
def test_the_memory_an_export_takes_does_not_grow_with_the_data() -> None:
    """Ten times as many saves of a form make ten times the file and hardly more memory."""
    visible = Visible(EVERYTHING, STUDY, TODAY)
    _grow(20)
    peaks, sizes = Counter[int](), Counter[int]()
    for rounds in (0, 800):
        _grow(rounds)
        exported(EVERYTHING, audit=True)
        tracemalloc.start()
        sizes[rounds] = sum(len(piece.data) for piece in stream_odm(visible, audit=True))
        peaks[rounds] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert sizes[800] > 5 * sizes[0]
    assert peaks[800] < peaks[0] + 6_000_000


def _grow(rounds: int) -> None:
    coordinator = cast.actor("coordinator")
    for number in range(rounds):
        values = {"SYSBP": str(100 + number % 50), "CONFIDE": f"again {number}"}
        perform(SaveForm(VS, values, reason=f"round {number}"), coordinator)
