"""Time to an event, or to the day on which waiting for it ended."""

from helmont.study.datasets.dates import days
from helmont.study.datasets.rows import Rows
from helmont.study.datasets.steps.time_to_event import Ending, derive_param_tte
from tests.study.datasets.analysis_kit import cel, rows, subject


def waited(
    events: list[dict[str, object]], end: int | None, start: int | None = 100, cutoff: str | None = None
) -> Rows:
    participant = subject(ADAE=events, ADSL=[{"RFENDT": end}])
    participant.context.cutoff = days(cutoff)
    return derive_param_tte(
        rows({"TRTSDT": start}),
        participant,
        start="TRTSDT",
        events=(Ending("ADAE", "ASTDT", "Event", cel('FL == "Y"'), "AESEQ"),),
        censors=(Ending("ADSL", "RFENDT", "Study Completion Date"),),
        values={"PARAMCD": "TTDE"},
        cutoff="Cut-off" if cutoff else None,
    )


def test_the_earliest_event_counts() -> None:
    later = {"ASTDT": 120, "AESEQ": 1, "FL": "Y"}
    (row,) = waited([later, {"ASTDT": 110, "AESEQ": 4, "FL": "Y"}, {"ASTDT": 101, "AESEQ": 5, "FL": None}], 200)
    assert dict(row) == {
        "TRTSDT": 100,
        "PARAMCD": "TTDE",
        "STARTDT": 100,
        "ADT": 110,
        "CNSR": 0,
        "EVNTDESC": "Event",
        "SRCDOM": "ADAE",
        "SRCVAR": "ASTDT",
        "SRCSEQ": 4,
    }
    assert row.sources == (("X", 0), ("ADAE", 1))


def test_without_an_event_the_end_censors() -> None:
    (row,) = waited([], 200)
    assert (row["ADT"], row["CNSR"], row["SRCDOM"], row["SRCVAR"], row["SRCSEQ"]) == (200, 1, "ADSL", "RFENDT", None)


def test_at_the_cut_off_everybody_has_a_record() -> None:
    (censored,) = waited([], None, cutoff="1960-05-09")  # day 129
    assert (censored["ADT"], censored["CNSR"], censored["EVNTDESC"], censored["SRCDOM"]) == (129, 1, "Cut-off", None)
    late = {"ASTDT": 130, "AESEQ": 1, "FL": "Y"}
    assert waited([late], 200, cutoff="1960-05-09") == [censored]
    assert waited([late], 120, cutoff="1960-05-09")[0]["EVNTDESC"] == "Study Completion Date"
    assert waited([late], 200, start=130, cutoff="1960-05-09") == []


def test_somebody_who_did_not_start_or_still_waits_has_no_record() -> None:
    assert waited([], 200, start=None) == []
    assert waited([], None) == []
