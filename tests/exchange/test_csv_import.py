"""CSV files of another EDC come in through a mapping; what does not fit is found with file and line; copies are compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from helmont.core.permissions import Actor, Grant
from helmont.edc.models import Form
from helmont.exchange.comparing import Difference, compare_studies
from helmont.exchange.edc_csv import plan_csv
from helmont.exchange.importing import Report, run_import
from helmont.exchange.odm.visible import Visible
from helmont.participants.models import Encounter, Participant
from helmont.standards.edc_csv.mapping import read_mapping
from helmont.studies.queries import compiled
from helmont.study.faults import StudyFaults
from tests.edc import kit
from tests.exchange.test_odm_import import ALL, COPY, IMPORT, TODAY, publish_copy

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("orchid")]

MAPPING = """
participant: '{SITE}-{SUBJ}'
site: '{SITE}'
country: NL
people: {file: subjects.csv, screened: SCREENED}
encounters: {W2: WEEK_2}
statuses: {file: subjects.csv, column: END, statuses: {done: completed}}
tables:
  - file: vs.csv
    form: VS
    visit: {column: VISIT, date: DATE, dates: ['%m/%d/%Y']}
    rows: {group: VS_READ, column: POSITION, rows: {supine: 1, standing: 2}}
    items:
      VSPERF: {column: PERF, codes: {done: Y}}
      WEIGHT: {column: WEIGHT}
      SYSBP: {column: SYS, not_done: STAT}
      HEIGHT: {column: HEIGHT, unit_ranges: {'[in_i]': {max: 90}, cm: {min: 90}}}
  - file: ae.csv
    form: AE
    unless: {TERM: [none]}
    line_by: [TERM]
    items:
      AETERM: {column: TERM, capitals: true}
      AESER: {column: SERIOUS}
      AESTDTC: {column: START}
"""
FILES = {
    "subjects.csv": "SITE,SUBJ,SCREENED,END\n701,050,05-JAN-2026,done\n799,051,2026-01-06,\n",
    "vs.csv": (
        "SITE,SUBJ,VISIT,DATE,PERF,WEIGHT,HEIGHT,POSITION,SYS,STAT\n"
        "701,050,Baseline,01/19/2026,done,80.0,70,supine,120.0,\n"
        "701,050,Baseline,01/19/2026,done,,,standing,,NOT DONE\n"
        "701,050,Unscheduled 3.1,01/25/2026,done,81,178,supine,118,\n"
        "799,051,W2,02/02/2026,done,64.5,165,supine,110,\n"
    ),
    "ae.csv": 'SITE,SUBJ,TERM,SERIOUS,START\n701,050,"head\nache",No,2026\n701,050,none,,\n701,050,rash,YES,JAN-2026\n',
}


@pytest.fixture
def orchid(db: None) -> None:  # noqa: ARG001 - makes the database
    kit.begin_trial()


def files(folder: Path, **changed: str) -> Path:
    for name, text in {**FILES, "mapping.yaml": MAPPING}.items():
        (folder / name).write_text(changed.get(name.partition(".")[0], text))
    return folder


def import_csv(folder: Path, *, dry_run: bool = False, partial: bool = False) -> Report:
    mapped, definition = read_mapping(folder / "mapping.yaml"), compiled(COPY, kit.DEFINITION.version)
    return run_import(
        lambda: plan_csv(folder, mapped, COPY, definition),
        IMPORT,
        {"channel": "import"},
        dry_run=dry_run,
        partial=partial,
    )


def form(key: str) -> dict[str, object]:
    return dict(Form.objects.get(key=f"{COPY}/{key}").data)


def test_rows_become_participants_visits_forms_and_lines(tmp_path: Path) -> None:
    publish_copy()
    folder = files(tmp_path)
    rehearsed = import_csv(folder, dry_run=True)
    assert (rehearsed.refused, store.log_size(COPY)) == (0, 1), rehearsed.findings
    report = import_csv(folder)
    assert (report.carried_out, report.created) == (True, rehearsed.created)
    assert report.created["participant"] == 2
    people = {one.number: (one.site, one.status, one.screened) for one in Participant.objects.filter(study=COPY)}
    assert people == {"701-050": ("701", "completed", "2026-01-05"), "799-051": ("799", "screening", "2026-01-06")}
    visits = {one.key.split("/")[-1]: one.date for one in Encounter.objects.filter(study=COPY)}
    assert visits == {"BASELINE": "2026-01-19", "UNSCHEDULED_3.1": "2026-01-25", "WEEK_2": "2026-02-02"}
    baseline = form("701-050/BASELINE/VS")
    assert baseline["VS_READ[1].SYSBP"] == "120"
    assert baseline["VS_READ[2].SYSBP"] == {"not_done": "No reason recorded"}
    assert (baseline["WEIGHT"], baseline["HEIGHT"]) == ("80.0", {"value": "70", "unit": "[in_i]"})
    assert form("701-050/UNSCHEDULED_3.1/VS")["HEIGHT"] == {"value": "178", "unit": "cm"}
    assert form("701-050/LOG/AE/1") == {"AETERM": "HEAD\nACHE", "AESER": "N", "AESTDTC": "2026"}
    assert form("701-050/LOG/AE/2") == {"AETERM": "RASH", "AESER": "Y", "AESTDTC": "2026-01"}
    assert verify([COPY]).faults == []
    size = store.log_size(COPY)
    again = import_csv(folder)
    assert (again.refused, again.created, again.changed, store.log_size(COPY)) == (0, {}, {}, size)


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "word"),
    [
        ("vs", "120.0", "high", 2, "SYSBP"),
        ("vs", "Baseline", "Basement", 2, "Basement"),
        ("vs", "799,051", "799,052", 5, "799-052"),
        ("vs", "01/25/2026", "25/01/2026", 4, "date"),
        ("subjects", "701,050", "701,5O", 2, "701-5O"),
        ("ae", "YES", "perhaps", 5, "AESER"),
    ],
)
def test_what_does_not_fit_is_found_with_its_line_and_changes_nothing(
    file: str, old: str, new: str, line: int, word: str, tmp_path: Path
) -> None:
    publish_copy()
    folder = files(tmp_path, **{file: FILES[f"{file}.csv"].replace(old, new)})
    size = store.log_size(COPY)
    report = import_csv(folder)
    assert report.refused
    assert not report.carried_out
    places = [(one.file, one.line) for one in report.findings if word in f"{one.place} {one.message}"]
    assert (f"{file}.csv", line) in places, report.findings
    assert store.log_size(COPY) == size


@pytest.mark.parametrize(
    ("changed", "line", "word"),
    [
        ({"vs": FILES["vs.csv"].replace("POSITION", "POSTURE")}, 1, "POSITION"),
        ({"vs": FILES["vs.csv"] + "701,050\n"}, 6, "2 cells"),
        ({"ae": 'TERM,"x'}, 1, "CSV"),
        ({"mapping": MAPPING.replace("form: AE", "form: AEE")}, 0, "AEE"),
        ({"mapping": MAPPING.replace("WEIGHT: {column", "WIDTH: {column")}, 0, "WIDTH"),
        ({"mapping": MAPPING.replace("country: NL", "countries: NL")}, 4, "countries"),
        ({"mapping": "tables: ["}, 2, "YAML"),
    ],
)
def test_a_broken_file_or_mapping_is_a_finding(changed: dict[str, str], line: int, word: str, tmp_path: Path) -> None:
    publish_copy()
    folder = files(tmp_path, **changed)
    with pytest.raises(StudyFaults) as caught:
        import_csv(folder, partial=True)
    assert any(fault.line == line and word in str(fault) for fault in caught.value.faults), caught.value
    assert Participant.objects.filter(study=COPY).count() == 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(FILES)), at=st.integers(0, 200), junk=st.binary(min_size=1, max_size=5))
def test_damaged_bytes_never_raise_anything_else(name: str, at: int, junk: bytes, tmp_path: Path) -> None:
    publish_copy()
    folder = files(tmp_path)
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[:at] + junk + whole[at:])
    size, known = store.log_size(COPY), True
    try:
        import_csv(folder, dry_run=True)
    except StudyFaults as faults:
        known = all(fault.file.endswith(".csv") for fault in faults.faults)
    assert (known, store.log_size(COPY)) == (True, size)


def test_two_captures_are_compared_value_by_value(tmp_path: Path) -> None:
    publish_copy()
    import_csv(files(tmp_path))
    kit.complete(kit.key("VS"), VSPERF="Y", WEIGHT="80")
    comparison, found = compare_studies(Visible(ALL, COPY, TODAY), Visible(ALL, COPY, TODAY))
    assert list(found) == []
    assert comparison.equal["value"] == sum(len(one.data) for one in Form.objects.filter(study=COPY)) > 15
    comparison, found = compare_studies(Visible(ALL, kit.STUDY, TODAY), Visible(ALL, COPY, TODAY))
    differences = list(found)
    assert Difference("participant", kit.WHO, left="there") in differences
    assert comparison.only_right["participant"] == 2


def test_lines_of_a_log_are_matched_by_what_they_say(tmp_path: Path) -> None:
    publish_copy()
    import_csv(files(tmp_path))
    other = "ORCHID_THIRD"
    import dataclasses

    from helmont.core.writer import perform
    from helmont.studies.actions import PublishDefinition

    perform(PublishDefinition(dataclasses.replace(kit.DEFINITION, id=other)), IMPORT)
    rows = FILES["ae.csv"].replace('701,050,"head\nache",No,2026\n', "") + '701,050,"head\nache",No,2025\n'
    folder = files(tmp_path, ae=rows)
    mapped, definition = read_mapping(folder / "mapping.yaml"), compiled(other, kit.DEFINITION.version)
    run_import(lambda: plan_csv(folder, mapped, other, definition), IMPORT, {})
    _, found = compare_studies(Visible(ALL, COPY, TODAY), Visible(ALL, other, TODAY))
    assert list(found) == [Difference("value", "701-050", "LOG/AE/1", "AESTDTC", "2026", "2025")]


def test_what_may_not_be_seen_is_not_compared(tmp_path: Path) -> None:
    publish_copy()
    kit.complete(kit.key("IP"), by=kit.PHIL, TAKEN="2", DOSE="5")
    blinded = Actor("blinded", (Grant("statistician", "*"),))
    _, found = compare_studies(Visible(blinded, kit.STUDY, TODAY), Visible(blinded, COPY, TODAY))
    assert not any("DOSE" in f"{one}" for one in found)
    path = files(tmp_path)
    assert path.exists()
