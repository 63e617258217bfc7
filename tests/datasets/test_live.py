"""Data sets follow the ledger, go back in it, and show nobody what is not theirs."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from helmont.core.errors import Refused
from helmont.core.ledger.store import log_size, read_entries
from helmont.core.projections.base import NEAR, projections
from helmont.core.projections.runner import catch_up, rebuild
from helmont.core.writer import perform
from helmont.datasets import queries
from helmont.datasets.asof import casebooks_of, records_at
from helmont.datasets.casebooks import casebooks
from helmont.datasets.models import DatasetRows
from helmont.datasets.queries import EVERYTHING, as_of, live, sight_of
from helmont.datasets.store import unpacked
from helmont.edc.actions.entry import SaveForm
from helmont.labs.actions.laboratories import OpenLaboratory
from helmont.labs.actions.ranges import AddRange, CorrectRange
from helmont.labs.models import ReferenceRange
from helmont.participants.actions import BeginEncounter
from helmont.study.datasets.rows import Reading
from tests import cast

pytestmark = pytest.mark.database
TODAY = date.today()


def stored() -> dict[str, Any]:
    """Everything that is stored: by key the rows and their sources."""
    return {
        row.key: [(dict(each), each.sources) for each in unpacked(bytes(row.body))] for row in DatasetRows.objects.all()
    }


def test_a_save_is_in_every_data_set_that_rests_on_it() -> None:
    catch_up("datasets")
    before = stored()
    perform(SaveForm(cast.VS, {"SYSBP": "133"}, reason="Misread"), cast.actor("coordinator"))
    catch_up("datasets")
    data = live(cast.STUDY, EVERYTHING)
    assert data.frame("VS").filter(VSTESTCD="SYSBP")["VSSTRESN"].to_list() == [133.0]
    assert data.frame("ADVS").filter(PARAMCD="SYSBP")["AVAL"].to_list() == [133.0]
    assert data.size == log_size(cast.STUDY)
    changed = {key.rsplit("/", 1)[-1] for key, rows in stored().items() if before.get(key) != rows}
    assert changed == {"VS", "ADVS"}  # nothing else was written


def test_a_row_names_the_items_it_was_made_of() -> None:
    catch_up("datasets")
    body = DatasetRows.objects.values_list("body", flat=True).get(
        participant=f"{cast.STUDY}/{cast.PARTICIPANT}", dataset="VS"
    )
    (row,) = (row for row in unpacked(bytes(body)) if row["VSTESTCD"] == "SYSBP")
    assert (f"form:{cast.VS}", "SYSBP") in row.sources


@pytest.mark.parametrize("seed", range(4))
def test_following_live_gives_what_building_from_nothing_gives(seed: int) -> None:
    chance = random.Random(seed)
    by = cast.actor("coordinator")
    perform(BeginEncounter(cast.STUDY, cast.PARTICIPANT, "WEEK_2", "2026-01-26"), by)
    week_2 = cast.VS.replace("BASELINE", "WEEK_2")
    for _ in range(14):
        form = chance.choice([cast.VS, week_2, cast.AE, cast.AE.replace("/1", "/2")])
        values: dict[str, Any]
        if "/AE/" in form:
            values = {"AETERM": chance.choice(["Headache", "Rash", ""]), "AESER": chance.choice(["Y", "N", ""])}
        else:
            values = {"SYSBP": chance.choice(["90", "120", "141", ""]), "VSDTC": chance.choice(["2026-01-20", ""])}
        try:
            perform(SaveForm(form, values, reason="Random", complete=chance.random() < 0.5), by)
        except Refused:
            continue  # what may not be saved is not
        if chance.random() < 0.4:
            catch_up("datasets")
    catch_up("datasets")
    followed = stored()
    then = as_of(cast.STUDY, log_size(cast.STUDY), EVERYTHING)
    rebuild("datasets")
    assert stored() == followed
    now = live(cast.STUDY, EVERYTHING)
    for name in ("DM", "VS", "AE", "ADVS"):
        assert (
            then.frame(name).drop("_row").sort(pl_keys(name)).equals(now.frame(name).drop("_row").sort(pl_keys(name)))
        )


def test_a_fact_of_the_whole_trial_that_changes_is_followed_for_everybody() -> None:
    """Both sites are pooled while each lacks an arm; once they have the same, neither is."""
    catch_up("datasets")
    assert sites_pooled() == {cast.PARTICIPANT: "900", cast.OTHER_PARTICIPANT: "900"}
    perform(BeginEncounter(cast.STUDY, cast.OTHER_PARTICIPANT, "BASELINE", "2026-01-20"), cast.IMPORT)
    allocation = {"RANDDTC": "2026-01-20", "ALLOC": cast.ALLOCATION}
    perform(SaveForm(cast.RAND.replace(cast.PARTICIPANT, cast.OTHER_PARTICIPANT), allocation), cast.IMPORT)
    catch_up("datasets")
    assert sites_pooled() == {cast.PARTICIPANT: cast.SITE, cast.OTHER_PARTICIPANT: cast.OTHER_SITE}
    followed = stored()
    rebuild("datasets")
    assert stored() == followed


def sites_pooled() -> dict[str, str]:
    return dict(live(cast.STUDY, EVERYTHING).frame("ADSL").select("USUBJID", "SITEGR1").iter_rows())


def pl_keys(name: str) -> list[str]:
    return {"DM": ["USUBJID"], "AE": ["USUBJID", "AESEQ"], "VS": ["USUBJID", "VSSEQ"]}.get(
        name, ["USUBJID", "PARAMCD", "AVISITN"]
    )


def test_as_of_an_earlier_entry_the_data_are_as_they_were() -> None:
    then = log_size(cast.STUDY)
    perform(SaveForm(cast.VS, {"SYSBP": "133"}, reason="Misread"), cast.actor("coordinator"))
    assert as_of(cast.STUDY, then, EVERYTHING).frame("VS").filter(VSTESTCD="SYSBP")["VSSTRESN"].to_list() == [80.0]


@pytest.mark.parametrize(("handle", "arm", "told"), [
    ("statistician", False, False), ("unblinded.statistician", True, False), ("data.manager", False, False),
    ("sponsor", False, False), ("inspector", False, True),
])  # fmt: skip
def test_blinding_and_confidence_hold_in_every_data_set(handle: str, arm: bool, told: bool) -> None:
    catch_up("datasets")
    data = live(cast.STUDY, sight_of(cast.actor(handle), cast.STUDY, TODAY))
    text = "".join(frame.write_csv() for frame in data.frames().values())
    assert (cast.ALLOCATION in text) is arm
    assert (cast.CONFIDENCE in text) is told
    assert "80" in text


def test_who_may_not_read_data_sets_is_told_of_no_study() -> None:
    with pytest.raises(Refused):
        sight_of(cast.actor("coordinator"), cast.STUDY, TODAY)


def test_limits_of_the_laboratory_are_those_of_the_moment() -> None:
    by = cast.actor("data.manager")
    perform(OpenLaboratory(cast.STUDY, "CENTRAL", "Central"), by)
    terms = {"study": cast.STUDY, "laboratory": "CENTRAL", "analyte": "SYSBP", "unit": "mm[Hg]", "low": "40"}
    perform(AddRange(**terms, high="70"), by)
    then = log_size(cast.STUDY)
    key = ReferenceRange.objects.get(study=cast.STUDY, analyte="SYSBP").key
    perform(CorrectRange(key, (("high", "90"),), reason="Misprint"), by)

    def limits(size: int) -> Reading:
        (book,) = [
            each
            for each in casebooks_of(cast.STUDY, records_at(cast.STUDY, size))
            if each.participant == cast.PARTICIPANT
        ]
        return book.readings[f"form:{cast.VS}", "SYSBP"]

    assert (limits(then).low, limits(then).high) == ("40", "70")
    assert (limits(log_size(cast.STUDY)).low, limits(log_size(cast.STUDY)).high) == ("40", "90")
    (now,) = casebooks(cast.STUDY, [f"{cast.STUDY}/{cast.PARTICIPANT}"])
    assert now.readings[f"form:{cast.VS}", "SYSBP"] == limits(log_size(cast.STUDY))


def test_while_people_save_without_end_data_sets_are_followed_all_the_same() -> None:
    following = projections()["datasets"]
    catch_up("datasets")
    start = log_size(cast.STUDY)
    for value in ("131", "132", "133"):
        perform(SaveForm(cast.VS, {"SYSBP": value}, reason="Misread"), cast.actor("coordinator"))
    [first] = read_entries(cast.STUDY, start, start + 1)  # there is more to read, as there would be all the time
    prepared = following.prepare(cast.STUDY, [first])
    assert {row.dataset for row in prepared.remade.rows} == {"VS", "ADVS"}
    assert not following.is_near_the_end(cast.STUDY, log_size(cast.STUDY) - NEAR - 1)


def test_while_people_save_without_end_data_sets_come_from_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    catch_up("datasets")
    read = live(cast.STUDY, EVERYTHING).frames()
    monkeypatch.setattr(queries, "TRIES", 0)
    made = live(cast.STUDY, EVERYTHING)
    assert made.size == log_size(cast.STUDY)
    assert {name: frame.rows() for name, frame in made.frames().items()} == {
        name: frame.rows() for name, frame in read.items()
    }
    assert read["VS"].height
