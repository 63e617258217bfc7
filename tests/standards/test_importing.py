"""What all importers answer with: checked studies, counts, findings, ids."""

import re
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.standards.importing import Ids, as_id, finish, refused
from helmont.study.faults import Fault
from helmont.study.loading import load_study

MINIMAL = load_study(Path(__file__).parents[1] / "study" / "packages" / "minimal")
NOTE = Fault("f.json", 3, "/study/x", "x was not taken over", severity="note")
ERROR = Fault("f.json", 2, "/study/y", "y is not a number")


def test_a_good_study_is_answered_with_its_counts_and_notes() -> None:
    imported = finish(MINIMAL, [NOTE], "f.json")
    assert imported.study == MINIMAL
    assert imported.taken["forms"] == 3
    assert imported.findings == (NOTE,)


def test_an_error_keeps_the_study_back() -> None:
    imported = finish(MINIMAL, [NOTE, ERROR], "f.json")
    assert (imported.study, imported.taken) == (None, {})
    assert imported.findings == (ERROR, NOTE)
    assert imported.errors == (ERROR,)


def test_a_study_that_could_not_be_loaded_is_not_answered() -> None:
    broken = replace(MINIMAL, forms=MINIMAL.forms[1:])
    imported = finish(broken, [], "f.json")
    assert imported.study is None
    assert all(finding.file == "f.json" for finding in imported.errors)


def test_a_refusal_has_its_reasons() -> None:
    assert refused([ERROR]).errors == (ERROR,)


def test_ids_are_made_of_names() -> None:
    assert as_id("Visit 2 (day 1)") == "VISIT_2_DAY_1"
    assert as_id("2nd dose") == "X_2ND_DOSE"
    assert as_id("été") == "ETE"
    assert as_id("…") == ""


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=60)))
def test_every_name_gets_an_id_of_its_own(names: list[str]) -> None:
    ids = Ids("TAKEN")
    made = [ids.make(name) for name in names]
    assert len({*made, "TAKEN"}) == len(names) + 1
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]{0,39}", each) for each in made)
