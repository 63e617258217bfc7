"""Clinical data in: what we export comes back as the same state, and what is wrong is found with its line and changes nothing."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.core.actions import Action
from helmont.core.errors import Refused
from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from helmont.core.permissions import Actor, Grant, service
from helmont.core.writer import perform
from helmont.edc.actions.entry import MarkNotDone, RemoveLine, SaveForm
from helmont.edc.actions.queries import RaiseQuery, WriteComment
from helmont.edc.models import Comment, Form, Query
from helmont.exchange.importing import Report, run_import
from helmont.exchange.odm.exporting import stream_odm
from helmont.exchange.odm.planning import plan_odm
from helmont.exchange.odm.visible import Visible
from helmont.participants.actions import BeginEncounter, ChangeStatus, MissEncounter
from helmont.participants.models import Encounter, Participant
from helmont.standards.odm.names import Version
from helmont.studies.actions import PublishDefinition
from helmont.studies.models import Site
from helmont.studies.queries import compiled
from helmont.study.faults import StudyFaults
from tests.edc import kit
from tests.one_cast import undone

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("orchid")]
COPY = "ORCHID_COPY"
TODAY = datetime.now(UTC).date()
IMPORT = service("import", "import_service")
ALL = Actor("everything", (Grant("unblinded_statistician", "*"), Grant("inspector", "*")))
KINDS: list[tuple[Version, bool]] = [(version, audit) for version in ("1.3.2", "2.0") for audit in (False, True)]


@pytest.fixture
def orchid(db: None) -> None:  # noqa: ARG001 - makes the database
    kit.begin_trial()


def export_to(path: Path, version: Version, audit: bool) -> Path:
    pieces = stream_odm(Visible(ALL, kit.STUDY, TODAY), version=version, audit=audit)
    path.write_bytes(b"".join(piece.data for piece in pieces))
    return path


def publish_copy() -> None:
    perform(PublishDefinition(dataclasses.replace(kit.DEFINITION, id=COPY)), IMPORT)


def import_from(path: Path, *, study: str = COPY, dry_run: bool = False, partial: bool = False) -> Report:
    definition = compiled(study, kit.DEFINITION.version)
    plan = lambda: plan_odm(path, study, definition)  # noqa: E731
    return run_import(plan, IMPORT, {"channel": "import"}, dry_run=dry_run, partial=partial)


def state(study: str) -> dict[str, Any]:
    """Everything a study holds about its participants, by keys without the study."""
    cut = len(study) + 1
    found: dict[str, Any] = {}
    for site in Site.objects.filter(study=study):
        if Participant.objects.filter(study=study, site=site.number).exists():
            found[f"site {site.number}"] = (site.name, site.country, site.timezone)
    for one in Participant.objects.filter(study=study):
        found[one.key[cut:]] = (one.site, one.status, one.screened)
    for visit in Encounter.objects.filter(study=study):
        found[visit.key[cut:]] = (visit.status, visit.date, visit.ended, visit.number, visit.reason)
    for form in Form.objects.filter(study=study):
        found[form.key[cut:]] = (form.status, form.data, form.note)
    # What people asked stays behind; what the rules ask, they ask again: of the value that is there now, whereas the text of
    # a query that has been open for a while tells of the value that it was asked about first.
    for query in Query.objects.filter(study=study, status="open").exclude(rule=""):
        found[f"query {query.form[cut:]} {query.item} {query.rule}"] = "open"
    comments = Comment.objects.filter(study=study).order_by("written")
    found["comments"] = sorted((comment.form[cut:], comment.item, comment.text) for comment in comments)
    return found


def attempt(action: Action) -> None:
    with contextlib.suppress(Refused):
        perform(action, IMPORT)


def saving(key: str, values: Mapping[str, Any], complete: bool) -> SaveForm:
    return SaveForm(key, values, complete=complete, reason="because")


NOT_DONE = st.builds(lambda text: {"not_done": text}, st.text("ab <&\"'\n", min_size=1, max_size=8).filter(str.strip))
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=20)
FILE = {"file": "0f" * 32, "name": "a & b?.pdf", "size": 12, "type": "application/pdf"}
MEASURED = st.builds(
    lambda number, unit: {"value": f"{number / 10:.1f}", "unit": unit},
    st.integers(0, 3000),
    st.sampled_from(["cm", "[in_i]"]),
)
ITEMS: dict[str, st.SearchStrategy[Any]] = {
    "TEXT": TEXT | st.just("UNK") | st.just("a|b\\c"),
    "WHOLE": st.integers(-50, 10**6).map(str),
    "EXACT": st.decimals(-100, 100, places=2).map(str),
    "LENGTH": MEASURED,
    "DAY": st.sampled_from(["2020-02-29", "2020-02", "2020", "UNK"]),
    "CLOCK": st.times().map(lambda time: time.strftime("%H:%M")),
    "MOMENT": st.datetimes(datetime(1990, 1, 1), datetime(2025, 1, 1)).map(lambda at: at.strftime("%Y-%m-%dT%H:%M")),
    "CHOICE": st.sampled_from(["Y", "N"]),
    "CHOICES": st.lists(st.sampled_from([term.code for term in kit.DEFINITION.codelists[1].terms]), min_size=1),
    "UPLOAD": st.just(FILE),
}
KINDS_FORM = st.builds(
    saving,
    st.sampled_from([kit.key("KINDS"), kit.key("KINDS", "WEEK_2"), kit.key("KINDS", "UNSCHEDULED_3.1")]),
    st.fixed_dictionaries({}, optional={name: values | NOT_DONE | st.none() for name, values in ITEMS.items()}),
    st.booleans(),
)
NUMBERS = st.integers(50, 200).map(str)
VITAL = {f"VS_READ[{row}].{item}": NUMBERS for row in (1, 3) for item in ("SYSBP", "DIABP")}
VITAL_SIGNS = st.builds(
    saving,
    st.sampled_from([kit.key("VS"), kit.key("VS", "WEEK_2")]),
    st.fixed_dictionaries({"VSPERF": st.sampled_from("YN")}, optional={"WEIGHT": NUMBERS, **VITAL}),
    st.booleans(),
)
LINES = st.sampled_from([kit.ae(1), kit.ae(2), kit.ae(7)])
EVENTS = st.builds(
    saving, LINES, st.fixed_dictionaries({"AETERM": TEXT, "AESER": st.sampled_from("YN")}), st.booleans()
)
STATUSES = st.sampled_from(["enrol", "withdraw", "reopen", "complete"])
ACTS = st.one_of(
    KINDS_FORM,
    VITAL_SIGNS,
    EVENTS,
    st.builds(RemoveLine, LINES, st.booleans(), st.just("mistake")),
    st.builds(MarkNotDone, st.sampled_from([kit.key("SUM"), kit.key("DM", "SCREENING_1")]), st.sampled_from(["ill", "a\nb"])),
    st.builds(WriteComment, LINES, st.sampled_from(["", "AETERM"]), TEXT.filter(str.strip)),
    st.builds(RaiseQuery, LINES, st.just("AETERM"), st.just("Sure?")),
    st.builds(ChangeStatus, st.just(kit.STUDY), st.just(kit.WHO), STATUSES, st.just("so")),
    st.builds(
        BeginEncounter, st.just(kit.STUDY), st.just(kit.WHO), st.sampled_from(["WEEK_2", "BASELINE"]),
        st.sampled_from(["2026-02-02", "2026-02-05"]), st.just(""), st.sampled_from(["", "2026-02-07"]), st.just("typing error"),
    ),
    st.builds(MissEncounter, st.just(kit.STUDY), st.just(kit.WHO), st.just("WEEK_2"), st.just("holiday")),
)  # fmt: skip


def carry_out(acts: list[Action]) -> None:
    attempt(BeginEncounter(kit.STUDY, kit.WHO, "UNSCHEDULED", "2026-02-05", "3.1", "2026-02-06", "fell"))
    for act in acts:
        attempt(act)


@pytest.mark.slow
@pytest.mark.parametrize(("version", "audit"), KINDS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=1, max_size=12))
def test_our_own_export_comes_back_as_the_same_state(
    version: Version, audit: bool, acts: list[Action], tmp_path: Path
) -> None:
    with undone():
        carry_out(acts)
        publish_copy()
        before = state(kit.STUDY)
        path = export_to(tmp_path / "orchid.xml", version, audit)
        rehearsed = import_from(path, dry_run=True)
        assert rehearsed.refused == 0, rehearsed.findings
        assert state(COPY) == {"comments": []}
        report = import_from(path)
        assert report.carried_out
        assert state(COPY) == before
        assert (report.created, report.changed) == (rehearsed.created, rehearsed.changed)
        assert verify([COPY]).faults == []


def test_a_snapshot_that_is_there_already_changes_nothing(tmp_path: Path) -> None:
    kit.complete(kit.key("KINDS"), TEXT="one", LENGTH={"value": "70", "unit": "[in_i]"})
    publish_copy()
    path = export_to(tmp_path / "orchid.xml", "1.3.2", audit=False)
    import_from(path)
    size = store.log_size(COPY)
    again = import_from(path)
    assert (again.refused, again.created, again.changed, store.log_size(COPY)) == (0, {}, {}, size)


DATA = """<?xml version="1.0"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileType="Snapshot" FileOID="1" CreationDateTime="2026-03-01T00:00:00">
 <ClinicalData StudyOID="ORCHID" MetaDataVersionOID="1">
  <SubjectData SubjectKey="701-077"><SiteRef LocationOID="701"/>
   <StudyEventData StudyEventOID="BASELINE"><FormData FormOID="KINDS"><ItemGroupData ItemGroupOID="KINDS_MAIN">
     <ItemData ItemOID="KINDS.DAY" Value="2026-01-20"/>
     <ItemData ItemOID="KINDS.WHOLE" Value="%s"/>
     <ItemDataTime ItemOID="CLOCK">09:05:00</ItemDataTime>
    </ItemGroupData></FormData></StudyEventData>
  </SubjectData>
 </ClinicalData>
</ODM>"""


def test_data_of_another_system_with_oids_of_its_own_are_read(tmp_path: Path) -> None:
    path = tmp_path / "other.xml"
    path.write_text(DATA % "12")
    report = import_from(path, study=kit.STUDY)
    assert (report.refused, report.carried_out) == (0, True), report.findings
    form = Form.objects.get(key=f"{kit.STUDY}/701-077/BASELINE/KINDS")
    assert form.data == {"DAY": "2026-01-20", "WHOLE": "12", "CLOCK": "09:05", "TWICE": "24"}
    assert Encounter.objects.get(key=f"{kit.STUDY}/701-077/BASELINE").date == "2026-01-20"
    assert report.created == {"participant": 1, "encounter": 1, "form": 1, "value": 4}


@pytest.mark.parametrize(
    ("old", "new", "line", "word"),
    [
        ("%s", "many", 7, "WHOLE"),
        ('FormOID="KINDS"', 'FormOID="KINDLY"', 5, "KINDLY"),
        ("KINDS.DAY", "KINDS.DAWN", 6, "DAWN"),
        ('"BASELINE"', '"BASEMENT"', 5, "BASEMENT"),
        ('"701"', '"799"', 4, "site"),
        ("701-077", "ABC", 4, "participant"),
        ("2026-01-20", "", 5, "date"),
    ],
)
def test_what_is_wrong_is_found_with_its_line_and_changes_nothing(
    old: str, new: str, line: int, word: str, tmp_path: Path
) -> None:
    path = tmp_path / "other.xml"
    path.write_text(DATA.replace(old, new).replace("%s", "12"))
    size = store.log_size(kit.STUDY)
    report = import_from(path, study=kit.STUDY)
    assert report.refused >= 1
    assert not report.carried_out
    assert any(fault.line == line and word in f"{fault.place} {fault.message}" for fault in report.findings), (
        report.findings
    )
    assert store.log_size(kit.STUDY) == size


def test_the_rest_is_imported_when_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "other.xml"
    path.write_text(DATA % "many")
    report = import_from(path, study=kit.STUDY, partial=True)
    assert (report.refused, report.carried_out) == (1, True)
    assert Participant.objects.filter(key=f"{kit.STUDY}/701-077").exists()
    assert not Form.objects.filter(key=f"{kit.STUDY}/701-077/BASELINE/KINDS").exists()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_a_finding_and_changes_nothing(data: st.DataObject, tmp_path: Path) -> None:
    whole = (DATA % "12").encode()
    start = data.draw(st.integers(0, len(whole)))
    cut = whole[:start] + data.draw(st.binary(max_size=6)) + whole[start + data.draw(st.integers(0, 60)) :]
    path = tmp_path / "damaged.xml"
    path.write_bytes(cut)
    size = store.log_size(kit.STUDY)
    broken: list[str] = []
    try:
        import_from(path, study=kit.STUDY, dry_run=True)
    except StudyFaults as faults:
        broken = [fault.file for fault in faults.faults]
    assert set(broken) <= {"damaged.xml"}
    assert store.log_size(kit.STUDY) == size


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("inside", ["&b;", "&c;", ""])
def test_a_document_type_is_refused(inside: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml"
    path.write_text((DATA % inside).replace("?>", f"?>{BOMB}", 1))
    with pytest.raises(StudyFaults):
        import_from(path, study=kit.STUDY)
