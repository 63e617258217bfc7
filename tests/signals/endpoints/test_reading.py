"""What a study package says of its sensors: read, or refused with its place."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from helmont.signals.channels import Kind
from helmont.signals.endpoints import Minimum, Summary, Window, catalogue, newest, sensors_of
from helmont.signals.endpoints.definition import LANGUAGES
from helmont.signals.endpoints.methods import METHODS
from helmont.signals.errors import SignalError

CHANNELS = [
    {"name": "cgm", "kind": "glucose", "unit": "mg/dL", "rate": "0.00333", "resolution": 1, "range": [40, "400"]},
    {"name": "chest", "kind": "ecg", "unit": "mV", "rate": 250, "resolution": 0.005, "range": [-10, 10]},
    {"name": "scale", "kind": "weight", "unit": "kg"},
]
OWN: dict[str, Any] = {
    "id": "night_glucose",
    "version": 3,
    "title": {"en": "Mean glucose of the night", "nl": "Gemiddelde glucose van de nacht"},
    "kinds": ["glucose"],
    "method": "glucose_mean",
    "unit": "mmol/L",
    "reference": "Protocol, section 8.2",
    "window": "night",
    "minimum": {"hours": 6},
    "channel": "cgm",
}


def endpoint(entry: object) -> Any:
    return sensors_of({"channels": CHANNELS, "endpoints": [entry]}, catalogue()).endpoints[0]


def test_channels_and_endpoints_are_read() -> None:
    found = sensors_of({"channels": CHANNELS, "endpoints": ["time_in_range@1", OWN]}, catalogue())
    assert [channel.name for channel in found.channels] == ["cgm", "chest", "scale"]
    assert found.channels[0].range == (40, 400)
    assert found.channels[2].rate is None
    known, own = found.endpoints
    assert known is catalogue()["time_in_range@1"]
    assert (own.key, own.window, own.minimum, own.channel) == ("night_glucose@3", Window.NIGHT, Minimum(hours=6), "cgm")
    assert own.title("nl") == "Gemiddelde glucose van de nacht"
    assert own.title("fr") == own.title("en")
    assert sensors_of({}, catalogue()) == sensors_of({"channels": [], "endpoints": []}, catalogue())


def test_one_that_differs_from_a_known_one_has_all_the_rest_of_it() -> None:
    narrow = {"at_least": {"mg/dL": 70, "mmol/L": 3.9}, "below": {"mg/dL": "150"}}
    found = endpoint({"from": "time_in_range@1", "id": "time_in_narrow_range", "version": 1, "settings": narrow})
    base = catalogue()["time_in_range@1"]
    assert found.settings == {"at_least": {"mg/dL": 70, "mmol/L": 3.9}, "below": {"mg/dL": 150}}
    assert (found.method, found.minimum, found.titles) == (base.method, base.minimum, base.titles)
    assert found.digest != base.digest


def test_a_visit_window_may_summarise_its_days() -> None:
    weekly = {
        "from": "glucose_mean@1",
        "id": "glucose_week",
        "version": 1,
        "window": "visit window",
        "each": "day",
        "summary": "median",
        "minimum": {"share": 0.7, "periods": 4},
    }
    found = endpoint(weekly)
    assert (found.each, found.summary, found.minimum.periods) == (Window.DAY, Summary.MEDIAN, 4)


def test_the_digest_is_of_what_is_computed_and_of_nothing_else() -> None:
    plain = {**OWN, "settings": {}}
    same = [
        plain,
        {**plain, "reference": "another"},
        {**plain, "title": {"en": "another"}},
        {**plain, "minimum": {"hours": "6.0"}},
    ]
    assert len({endpoint(entry).digest for entry in same}) == 1
    changes: list[dict[str, Any]] = [
        {},
        {"version": 4},
        {"unit": "mg/dL"},
        {"minimum": {"hours": 7}},
        {"window": "day"},
        {"channel": None},
        {"method": "glucose_sd"},
        {"id": "other"},
    ]
    digests = [endpoint({**plain, **change}).digest for change in changes]
    assert len(set(digests)) == len(changes)
    assert all(digest.startswith("sha256:") and len(digest) == 71 for digest in digests)


def test_settings_that_are_left_out_are_those_that_are_given_as_usual() -> None:
    base = {"from": "glucose_mage@1", "id": "mage", "version": 1}
    assert endpoint(base).digest == endpoint({**base, "settings": {"short": 5, "direction": "average"}}).digest
    assert endpoint(base).digest != endpoint({**base, "settings": {"direction": "first"}}).digest


def test_definitions_pass_between_processes() -> None:
    for definition in catalogue().values():
        again = pickle.loads(pickle.dumps(definition))
        assert again == definition
        assert again.digest == definition.digest


def test_the_catalogue_has_every_language_a_reference_and_methods_that_are_there() -> None:
    assert len(catalogue()) > 30
    for key, definition in catalogue().items():
        assert key == definition.key
        assert set(definition.titles) == set(LANGUAGES)
        assert definition.reference
        assert set(definition.kinds) <= set(METHODS[definition.method].kinds)
        assert definition.unit in METHODS[definition.method].units
    assert {definition.method for definition in newest()} == set(METHODS)


def test_a_version_in_the_catalogue_is_never_changed_nor_taken_away() -> None:
    """Results name the digest of their definition. What is computed otherwise is a further version, with a line of its own."""
    lines = (Path(__file__).parent / "catalogue.digests").read_text().splitlines()
    assert {key: definition.digest for key, definition in catalogue().items()} == dict(line.split() for line in lines)


def test_of_every_endpoint_the_newest_is_the_highest_version() -> None:
    assert len(newest()) == len({definition.id for definition in catalogue().values()})
    assert all(catalogue()[definition.key] is definition for definition in newest())


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"id": "Night"}, "endpoints[0].id"),
        ({"version": 0}, "endpoints[0].version"),
        ({"version": 1.5}, "endpoints[0].version"),
        ({"version": True}, "endpoints[0].version"),
        ({"method": "mean"}, "endpoints[0].method"),
        ({"kinds": ["ecg"]}, "endpoints[0].kinds[0]"),
        ({"kinds": "glucose"}, "endpoints[0].kinds"),
        ({"kinds": []}, "endpoints[0].kinds"),
        ({"unit": "g/L"}, "endpoints[0].unit"),
        ({"window": "week"}, "endpoints[0].window"),
        ({"minimum": {"hours": -1}}, "endpoints[0].minimum.hours"),
        ({"minimum": {"hours": "six"}}, "endpoints[0].minimum.hours"),
        ({"minimum": {"share": 70}}, "endpoints[0].minimum.share"),
        ({"minimum": {"days": 3}}, "endpoints[0].minimum.days"),
        ({"minimum": {"periods": 3}}, "endpoints[0].minimum.periods"),
        ({"settings": {"width": 3}}, "endpoints[0].settings.width"),
        ({"title": {"nl": "Glucose"}}, "endpoints[0].title"),
        ({"title": {"en": ""}}, "endpoints[0].title.en"),
        ({"title": {"en": "x", "es": "y"}}, "endpoints[0].title.es"),
        ({"title": "x"}, "endpoints[0].title"),
        ({"reference": None}, "endpoints[0].reference"),
        ({"each": "day"}, "endpoints[0].each"),
        ({"each": "day", "summary": "mean"}, "endpoints[0].each"),
        ({"channel": "chest2"}, "endpoints[0].channel"),
        ({"colour": "red"}, "endpoints[0].colour"),
        ({"from": "time_in_range@9"}, "endpoints[0].from"),
        ({"from": "time in range"}, "endpoints[0].from"),
        ({"method": "glucose_share", "unit": "%", "settings": {}}, "endpoints[0].settings.range"),
        ({"method": "glucose_share", "unit": "%", "settings": {"range": "ok"}}, "endpoints[0].settings.range"),
        (
            {"method": "glucose_share", "unit": "%", "settings": {"below": {"mg/dL": 0}}},
            "endpoints[0].settings.below.limit",
        ),
        (
            {"method": "glucose_share", "unit": "%", "settings": {"below": {"g/L": 1}}},
            "endpoints[0].settings.below.g/L",
        ),
        ({"method": "glucose_mage", "settings": {"short": 40}}, "endpoints[0].settings.short"),
        ({"method": "glucose_mage", "settings": {"direction": "up"}}, "endpoints[0].settings.direction"),
    ],
)
def test_what_an_endpoint_cannot_be_is_refused_at_its_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(SignalError) as raised:
        endpoint({**OWN, **change})
    assert raised.value.place == place


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ([], "file"),
        ({"channel": []}, "channel"),
        ({"channels": {}}, "channels"),
        ({"channels": [*CHANNELS, CHANNELS[0]]}, "channels"),
        ({"channels": [{"name": "a", "kind": "glucose"}]}, "channels[0].unit"),
        ({"channels": [{"name": "a", "kind": "sugar", "unit": "mg/dL"}]}, "channels[0].kind"),
        ({"channels": [{"name": "A", "kind": "glucose", "unit": "mg/dL"}]}, "channels[0].name"),
        ({"channels": [{"name": "a", "kind": "glucose", "unit": "mg/dL", "range": [1]}]}, "channels[0].range"),
        ({"channels": [{"name": "a", "kind": "glucose", "unit": "mg/dL", "range": [2, 1]}]}, "channels[0].range"),
        ({"channels": [{"name": "a", "kind": "glucose", "unit": "mg/dL", "rate": 0}]}, "channels[0].rate"),
        ({"endpoints": ["time_in_range"]}, "endpoints[0]"),
        ({"endpoints": ["time_in_range@2"]}, "endpoints[0]"),
        ({"endpoints": [5]}, "endpoints[0]"),
        ({"endpoints": ["time_in_range@1", "time_in_range@1"]}, "endpoints[1].version"),
    ],
)
def test_what_a_file_cannot_be_is_refused_at_its_place(data: object, place: str) -> None:
    with pytest.raises(SignalError) as raised:
        sensors_of(data, catalogue())
    assert raised.value.place == place


def test_kinds_come_in_the_order_of_preference() -> None:
    assert catalogue()["heart_rmssd@1"].kinds == (Kind.INTERBEAT_INTERVAL, Kind.ECG, Kind.PPG)
    assert catalogue()["ecg_beats@1"].kinds == (Kind.ECG,)
