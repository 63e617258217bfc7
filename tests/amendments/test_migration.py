"""What an amendment does to one participant's forms: values, marks, queries; and that the dry run says so before."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from helmont.amendments.actions.keeping import DecideKept, PlaceKept
from helmont.amendments.actions.planning import ApproveAmendment
from helmont.amendments.dry_run import dry_run
from helmont.amendments.migrating import RUNNER, migrate
from helmont.amendments.models import Amendment, KeptValue, Migration
from helmont.amendments.planning import plan
from helmont.amendments.running import work_through
from helmont.core.errors import Conflict, Invalid, NotFound, ReasonRequired, Refused
from helmont.core.ledger import store
from helmont.core.rows import Rows
from helmont.core.transactions import Transaction
from helmont.core.writer import perform
from helmont.edc.actions.locks import SetLock
from helmont.edc.actions.queries import AnswerQuery, RaiseQuery, WriteComment
from helmont.edc.actions.review import LockForm, ReviewForm, VerifyItems
from helmont.edc.models import Comment, Form, Query
from helmont.edc.queries.audit import Mask, form_history
from helmont.participants.actions import ScreenParticipant
from helmont.participants.models import Encounter, Participant
from helmont.studies.actions import PublishDefinition
from helmont.study.compiling import compile_study
from helmont.study.faults import StudyFaults
from helmont.study.model import Study
from tests.amendments.conftest import SPLIT, SPLIT_MOVES, Version
from tests.amendments.kit import approved, carried_out, entries, evidence, is_clean, planned
from tests.edc.kit import (
    CLEO,
    DANA,
    IMPORT,
    INES,
    MONA,
    NORA,
    PHIL,
    SAM,
    STUDY,
    TODAY,
    WHO,
    ae,
    begin_trial,
    complete,
    do,
    form,
    key,
    participant,
    queries,
    said,
    save,
    sign,
)

pytestmark = pytest.mark.database
VITALS = {"VSPERF": "Y", "VSDTC": "2026-01-19", "WEIGHT": "80", "SYSBP_1": "120", "DIABP_1": "80", "SYSBP_2": "118"}


@pytest.fixture(autouse=True)
def trial(db: None) -> None:  # noqa: ARG001 - makes the database
    begin_trial()


def settled(changes: Any) -> Any:
    """Changes without what the clock and the place in the ledger give them."""
    text = json.dumps(changes, sort_keys=True)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text)
    return json.loads(re.sub(r"/(kept|queries)/\d+-", r"/\1/N-", text))


def test_a_split_form_takes_values_marks_queries_and_remarks_along(split: Study) -> None:
    complete(key("VS"), **VITALS, DIABP_2="120")
    do(VerifyItems(key("VS"), ("VS_READ[1].SYSBP", "WEIGHT")), MONA)
    do(RaiseQuery(key("VS"), "VS_READ[1].DIABP", "Which arm?"), MONA)
    do(WriteComment(key("VS"), "VS_READ[2].SYSBP", "Standing"), NORA)
    asked = Query.objects.get(item="VS_READ[2].SYSBP", rule="VS_PRESSURES")
    carried_out(split)
    old, new = form(key("VS")), form(key("BP"))
    assert set(old.data) == {"VSPERF", "VSDTC", "WEIGHT", "CHANGE"}
    assert new.data["VS_READ[2].SYSBP"] == "118"
    assert new.data["VS_READ[1].MAP"] == "93"
    assert (new.status, new.definition) == ("complete", "2.0")
    assert list(new.verified) == ["VS_READ[1].SYSBP"]
    assert list(old.verified) == ["WEIGHT"]
    assert queries(key("BP")) == ["VS_READ[2].SYSBP VS_PRESSURES", "VS_READ[1].DIABP"]
    assert Query.objects.get(key=asked.key).status == "open"
    assert Comment.objects.get().form == key("BP")
    assert participant().definition == "2.0"
    assert is_clean(STUDY)


def test_signature_and_review_end_only_where_something_changed(split: Study) -> None:
    complete(key("VS"), **VITALS, DIABP_2="70")
    complete(key("DM", "SCREENING_1"), BRTHDTC="1980-01-01", AGE="46")
    for one in (key("VS"), key("DM", "SCREENING_1")):
        do(ReviewForm(one), DANA)
    sign(key("VS"), key("DM", "SCREENING_1"))
    before = form(key("DM", "SCREENING_1"))
    carried_out(split)
    assert form(key("VS")).signed == "broken"
    assert form(key("VS")).reviewed == {}
    after = form(key("DM", "SCREENING_1"))
    assert (after.signed, after.reviewed, after.revision) == ("valid", before.reviewed, before.revision)
    assert Migration.objects.get().counts == {"moved": 6, "signatures": 1, "reviews": 1}


def test_the_dry_run_is_what_happens(version: Version) -> None:
    edits = [*SPLIT, ("forms/kinds.yaml", "id: EXACT, label: {en: Decimal number}, type: decimal, decimals: 2",
                      "id: EXACT, label: {en: Decimal number}, type: integer")]  # fmt: skip
    study = version(edits, SPLIT_MOVES)
    complete(key("VS"), **VITALS, DIABP_2="120")
    sign(key("VS"))
    save(key("KINDS", "SCREENING_1"), EXACT="1.25", WHOLE="3")
    amendment = approved(study)
    tx = Transaction(Rows(), STUDY, datetime.now(UTC))
    impact = migrate(tx, RUNNER, participant().key, "2.0", amendment.key)
    assert [one.counts() for one in dry_run(STUDY, [participant().key], "2.0")] == [impact.counts()]
    work_through(amendment.key)
    [entry] = entries(STUDY, "amendments.migrate_participant")
    happened = [change for change in entry["changes"] if not change["record"].startswith("migration:")]
    assert settled(happened) == settled(tx.changes())
    assert Migration.objects.get().counts == impact.counts()


def test_nothing_is_written_before_it_runs(split: Study) -> None:
    complete(key("VS"), **VITALS)
    before = form(key("VS"))
    amendment = planned(split)
    assert amendment.status == "planned"
    assert (form(key("VS")).data, form(key("VS")).revision) == (before.data, before.revision)
    assert not Form.objects.filter(form="BP").exists()
    assert participant().definition == "1.0"
    assert Migration.objects.get().counts["moved"] == 4


WHOLE = ("forms/kinds.yaml", "type: decimal, decimals: 2", "type: integer")


def test_a_value_that_no_longer_fits_is_kept_until_somebody_decides(version: Version) -> None:
    save(key("KINDS", "SCREENING_1"), EXACT="1.25", CHOICE="Y")
    carried_out(version([WHOLE]))
    kept = KeptValue.objects.get()
    assert (kept.form, kept.item, kept.value, kept.status) == (
        key("KINDS", "SCREENING_1"),
        "EXACT",
        {"value": "1.25"},
        "undecided",
    )
    assert kept.why["id"] == "%(value)s is not a whole number"
    assert form(key("KINDS", "SCREENING_1")).data == {"CHOICE": "Y"}
    with pytest.raises(ReasonRequired):
        do(DecideKept(kept.key, "set_aside"))
    do(DecideKept(kept.key, "set_aside", "Entered by mistake"))
    with pytest.raises(Invalid):
        do(PlaceKept(kept.key, kept.form, "EXACT"))
    do(PlaceKept(kept.key, kept.form, "EXACT", "1", "Read again"))
    assert form(kept.form).data["EXACT"] == "1"
    after = KeptValue.objects.get()
    assert (after.status, after.placed, after.value) == ("placed", f"{kept.form} EXACT", {"value": "1.25"})
    assert is_clean(STUDY)


def test_a_whole_form_cannot_be_placed_nor_another_participants(version: Version) -> None:
    save(key("KINDS", "SCREENING_1"), EXACT="1.25")
    carried_out(version([WHOLE]))
    kept = KeptValue.objects.get().key
    with pytest.raises(Invalid):
        do(PlaceKept(kept, f"{STUDY}/701-002/SCREENING_1/KINDS", "TEXT", "1"))
    with pytest.raises(NotFound):
        do(DecideKept(f"{STUDY}/{WHO}/kept/1-1"))


GONE = [
    ("forms/sum.yaml", "id: SUM\n", "id: OTHER\n"),
    ("forms/sum.yaml", "VERDICT", "OPINION"),
    ("forms/sum.yaml", "PERDAY", "PERWEEK"),
    ("protocol.yaml", "forms: [SUM]", "forms: [OTHER]"),
]


def test_a_form_that_is_gone_stays_as_it_was_signed(version: Version) -> None:
    complete(key("SUM", "WEEK_2"), VERDICT="Good")
    do(RaiseQuery(key("SUM", "WEEK_2"), "VERDICT", "Sure?"), MONA)
    sign(key("SUM", "WEEK_2"))
    before = form(key("SUM", "WEEK_2"))
    carried_out(version(GONE))
    after = form(key("SUM", "WEEK_2"))
    assert (after.data, after.signed, after.revision) == ({"VERDICT": "Good"}, "valid", before.revision)
    assert KeptValue.objects.get().form == after.key
    do(AnswerQuery(Query.objects.get().key, "Yes"), CLEO)
    with pytest.raises(NotFound):
        save(after.key, VERDICT="Bad")


def test_a_form_comes_back_with_its_values(version: Version) -> None:
    complete(key("SUM", "WEEK_2"), VERDICT="Good")
    carried_out(version(GONE))
    carried_out(version([("forms/sum.yaml", "length: 100", "length: 3")], number="3.0"))
    assert form(key("SUM", "WEEK_2")).data == {}
    assert {(k.item, k.value.get("value")) for k in KeptValue.objects.all()} == {("", None), ("VERDICT", "Good")}
    assert is_clean(STUDY)


def test_the_lines_of_a_log_move_to_another_log(version: Version) -> None:
    edits = [
        ("forms/ae.yaml", "\n      - {id: AESER, label: {en: Serious}, type: codelist, codelist: NY}", ""),
        ("forms/sae.yaml", "", "id: SAE\ntitle: {en: Seriousness}\nkind: log\ngroups:\n  - id: SAE_MAIN\n    items:\n"
         "      - {id: AESER, label: {en: Serious}, type: codelist, codelist: NY}\n"),
        ("protocol.yaml", "logs: [AE]", "logs: [AE, SAE]"),
        ("protocol.yaml", "log.AE.exists(a, a.AESER", "log.SAE.exists(a, a.AESER"),
        ("checks/all.yaml", "log.AE.exists(a, a.AESER", "log.SAE.exists(a, a.AESER"),
    ]  # fmt: skip
    complete(ae(1), AETERM="Headache", AESER="N")
    complete(ae(2), AETERM="Stroke", AESER="Y")
    carried_out(version(edits, "moves: [{was: AE.AESER, now: SAE.AESER}]"))
    assert form(key("SAE", "LOG", "2")).data == {"AESER": "Y"}
    assert form(ae(2)).data == {"AETERM": "Stroke"}
    assert form(key("SAE", "LOG", "1")).status == "complete"


def test_a_retired_term_becomes_its_successor(version: Version) -> None:
    save(key("KINDS", "SCREENING_1"), CHOICES=["DRUG", "NONE"])
    edits = [("codelists/all.yaml", "{code: DRUG, label: {en: Medication}}", "{code: MEDICINE, label: {en: Medicine}}")]
    carried_out(version(edits, "terms: [{codelist: ACTION, was: DRUG, now: MEDICINE}]"))
    assert form(key("KINDS", "SCREENING_1")).data["CHOICES"] == ["MEDICINE", "NONE"]
    assert Migration.objects.get().counts == {"moved": 1, "converted": 1}


def test_a_locked_form_keeps_its_lock_and_its_rules_rest(split: Study) -> None:
    complete(key("VS"), **VITALS, DIABP_2="70")
    do(LockForm(key("VS")), DANA)
    carried_out(split)
    assert (form(key("VS")).lock, form(key("BP")).lock) == ("locked", "locked")


def test_a_check_that_is_gone_closes_its_query(version: Version) -> None:
    complete(key("VS"), **VITALS, DIABP_2="120")
    assert queries(key("VS")) == ["VS_READ[2].SYSBP VS_PRESSURES"]
    carried_out(
        version(
            [
                ("checks/all.yaml", "id: VS_PRESSURES,", "id: VS_OTHER,"),
                ("checks/all.yaml", "SYSBP > DIABP", "SYSBP > 0"),
            ]
        )
    )
    assert queries(key("VS")) == []
    assert said(Query.objects.get()) == ["raised", "amended"]


def test_values_under_a_privilege_stay_under_it(version: Version) -> None:
    save(key("IP"), by=PHIL, TAKEN="2", DOSE="7")
    gone = [
        ("forms/ip.yaml", "{id: DOSE, label", "{id: LEVEL, label"),
        ("forms/ip.yaml", "'TAKEN * DOSE'", "'TAKEN * LEVEL'"),
        ("checks/all.yaml", "item: DOSE, expression: 'TAKEN * DOSE", "item: LEVEL, expression: 'TAKEN * LEVEL"),
        ("protocol.yaml", "IP.DOSE", "IP.LEVEL"),
    ]
    carried_out(version(gone))
    kept = KeptValue.objects.get(item="DOSE")
    assert (kept.privilege, kept.value) == ("allocation", {"value": "7"})
    assert "unfit" not in Migration.objects.get().counts
    with pytest.raises(NotFound):
        do(DecideKept(kept.key), CLEO)
    for reader, sees in ((CLEO, False), (PHIL, True)):
        shown = [change for entry in form_history(reader, participant(), key("IP"), TODAY) for change in entry.changes]
        assert any(change.record_type == "kept_value" for change in shown) == sees
        assert any(change.item == "DOSE" for change in shown) == sees
        assert Mask(reader, participant(), TODAY).hides(key("IP"), "DOSE") != sees


def test_who_is_newly_in_a_site_under_the_new_version_starts_there(split: Study) -> None:
    complete(key("VS"), **VITALS)
    amendment = carried_out(split, places={"701": "2026-01-01"})
    assert amendment.status == "running"
    perform(ScreenParticipant(STUDY, "701", "701-009", "2026-02-01"), CLEO)
    perform(ScreenParticipant(STUDY, "702", "702-009", "2026-02-01"), IMPORT)
    found = dict(Participant.objects.values_list("number", "definition"))
    assert found == {WHO: "2.0", "701-009": "2.0", "702-009": "1.0"}


def test_it_runs_by_country_and_ends_when_everybody_is_over(split: Study) -> None:
    from helmont.amendments.actions.planning import SetApproval

    complete(key("VS"), **VITALS)
    perform(ScreenParticipant(STUDY, "702", "702-001", "2026-02-01"), IMPORT)
    amendment = carried_out(split, places={"NL": "2026-01-01", "BE": "2999-01-01"})
    assert dict(Participant.objects.values_list("number", "definition")) == {WHO: "1.0", "702-001": "2.0"}
    perform(SetApproval(amendment.key, "701", "2026-02-01"), SAM)
    work_through(amendment.key)
    assert Amendment.objects.get().status == "done"
    assert participant().definition == "2.0"


def test_a_participant_whose_data_changed_for_the_worse_since_the_plan_is_held(version: Version) -> None:
    amendment = approved(version([WHOLE]))
    save(key("KINDS", "SCREENING_1"), EXACT="1.25")
    work_through(amendment.key)
    migration = Migration.objects.get()
    assert (migration.status, migration.held) == ("held", {"SCREENING_1/KINDS.EXACT": "unplanned"})
    assert participant().definition == "1.0"
    assert not KeptValue.objects.exists()
    from helmont.amendments.actions.running import RunAmendment, StopAmendment

    perform(StopAmendment(amendment.key), SAM)
    perform(plan(STUDY, "2.0"), SAM)
    again = Amendment.objects.get()
    with pytest.raises(Conflict):
        perform(ApproveAmendment(evidence(amendment.plan), amendment.plan), SAM)
    perform(ApproveAmendment(evidence(again.plan), again.plan), SAM)
    perform(RunAmendment(again.key), SAM)
    work_through(again.key)
    assert Migration.objects.get().status == "done"
    assert KeptValue.objects.get().value == {"value": "1.25"}


def test_it_does_not_run_without_approval_nor_after_it_was_stopped(split: Study) -> None:
    from helmont.amendments.actions.planning import SetApproval
    from helmont.amendments.actions.running import MigrateParticipant, RunAmendment, StopAmendment

    amendment = planned(split)
    perform(SetApproval(amendment.key, "*", "2026-01-01"), SAM)
    with pytest.raises(Refused):
        perform(RunAmendment(amendment.key), SAM)
    perform(ApproveAmendment(evidence(amendment.plan), amendment.plan), SAM)
    perform(RunAmendment(amendment.key), SAM)
    perform(StopAmendment(amendment.key), SAM)
    assert work_through(amendment.key) == 0
    with pytest.raises(Refused):
        perform(MigrateParticipant(amendment.key, participant().key), RUNNER)
    perform(RunAmendment(amendment.key), SAM)
    assert work_through(amendment.key) == 1
    size = store.log_size(STUDY)
    assert work_through(amendment.key) == 0
    assert store.log_size(STUDY) == size


def test_a_version_published_for_an_amendment_is_nobodys_yet(split: Study) -> None:
    perform(PublishDefinition(split, amends=True), IMPORT)
    perform(ScreenParticipant(STUDY, "701", "701-009", "2026-02-01"), CLEO)
    assert Participant.objects.get(number="701-009").definition == "1.0"


def test_an_amendment_that_does_not_fit_the_version_before_is_refused(version: Version) -> None:
    study = version(SPLIT, SPLIT_MOVES.replace("VS.MAP", "VS.MEAN"))
    perform(PublishDefinition(study, amends=True), IMPORT)
    with pytest.raises(Invalid) as refusal:
        plan(STUDY, "2.0")
    assert [fault.place for fault in refusal.value.faults] == ["amendment.moves[3].was"]


def test_the_investigator_signs_again_what_moved(split: Study) -> None:
    complete(key("VS"), **VITALS, DIABP_2="70")
    sign(key("VS"))
    carried_out(split)
    sign(key("VS"), key("BP"), by=INES)
    assert (form(key("VS")).signed, form(key("BP")).signed) == ("valid", "valid")


def test_a_locked_site_waits(split: Study) -> None:
    complete(key("VS"), **VITALS)
    do(SetLock(STUDY, "site", "701", reason="Audit"), DANA)
    carried_out(split)
    migration = Migration.objects.get()
    assert (migration.status, list(migration.held)) == ("held", ["lock"])
    assert participant().definition == "1.0"


def test_a_visit_under_another_name_takes_its_date_forms_and_marks_along(version: Version) -> None:
    complete(key("VS"), **VITALS)
    do(VerifyItems(key("VS"), ("VS_READ[1].SYSBP", "WEIGHT")), MONA)
    do(RaiseQuery(key("VS"), "VS_READ[1].DIABP", "Which arm?"), MONA)
    do(WriteComment(key("VS"), "VS_READ[2].SYSBP", "Standing"), NORA)
    before, asked = form(key("VS")), Query.objects.filter(form=key("VS")).count()
    date = Encounter.objects.get(key=f"{STUDY}/{WHO}/BASELINE").date
    renamed = version(
        [(name, "BASELINE", "START") for name in ("protocol.yaml", "forms/vs.yaml")],
        "encounters: [{was: BASELINE, now: START}]",
    )
    [impact] = [one for one in dry_run(STUDY, [f"{STUDY}/{WHO}"], compile_study(renamed)) if one.number == WHO]
    assert not impact.asked_visits
    assert not impact.asked_forms
    assert not impact.verifications
    amendment = carried_out(renamed)
    assert Migration.objects.get(amendment=amendment.key, participant=f"{STUDY}/{WHO}").counts == impact.counts()

    place = f"{STUDY}/{WHO}/START"
    now = form(f"{place}/VS")
    assert (now.data, now.verified, now.status) == (before.data, before.verified, "complete")
    assert (form(key("VS")).data, form(key("VS")).status, form(key("VS")).note) == ({}, "removed", "START")
    assert Query.objects.filter(form=f"{place}/VS").count() == asked
    assert Comment.objects.get().form == f"{place}/VS"
    visits = {row.oid: row.date for row in Encounter.objects.filter(participant=f"{STUDY}/{WHO}")}
    assert visits["START"] == date
    assert "BASELINE" not in visits
    assert is_clean(STUDY)


def test_an_encounter_is_renamed_from_one_that_was_to_one_that_is(version: Version) -> None:
    with pytest.raises(StudyFaults, match="this version has no encounter START"):
        version([], "encounters: [{was: BASELINE, now: START}]")
    other = version(
        [(name, "BASELINE", "START") for name in ("protocol.yaml", "forms/vs.yaml")],
        "encounters: [{was: FIRST, now: START}]",
        "3.0",
    )
    with pytest.raises(Invalid, match=r"version 1\.0 has no encounter FIRST"):
        planned(other)
