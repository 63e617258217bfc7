"""Apple Health exports: kinds, units, zones, sources, beats, and faults of the XML."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest

from helmont.signals.errors import SignalError
from helmont.signals.files.clock import nanoseconds
from helmont.signals.recording import SECOND
from tests.signals.files.conftest import Reading

START = nanoseconds(datetime(2024, 3, 1, 9, tzinfo=UTC))
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HealthData [\n<!ELEMENT HealthData (Record*)>\n]>\n'
HEAD += '<HealthData locale="nl">\n'


def record(kind: str, value: str, unit: str, minute: int = 0, source: str = "Anna's watch", inner: str = "") -> str:
    date = f"2024-03-01 10:{minute:02d}:00 +0100"
    return (
        f'<Record type="HKQuantityTypeIdentifier{kind}" sourceName="{source}" unit="{unit}" creationDate="{date}" '
        f'startDate="{date}" endDate="{date}" value="{value}">{inner}</Record>\n'
    )


def export(*records: str) -> bytes:
    return (HEAD + "".join(records) + "</HealthData>\n").encode()


@pytest.mark.parametrize(
    ("kind", "value", "unit", "name", "expected"),
    [
        ("HeartRate", "61.5", "count/min", "heart_rate", 61.5),
        ("StepCount", "12", "count", "steps", 12),
        ("BloodGlucose", "5.5", "mmol&lt;180.1558800000541&gt;/L", "glucose", 99.086),
        ("BodyMass", "150", "lb", "weight", 68.038856),
        ("BodyTemperature", "98.6", "degF", "temperature", 37.0),
    ],
)
def test_every_kind_has_its_unit_and_its_zone(
    kind: str, value: str, unit: str, name: str, expected: float, reading: Reading
) -> None:
    signal = reading(export(record(kind, value, unit)), timezone="Asia/Tokyo").signals[name]
    assert signal.whole()[1].ravel().tolist() == pytest.approx([expected], abs=1e-6)
    assert signal.span[0] == START


def test_each_source_has_a_signal_and_none_its_name(reading: Reading) -> None:
    records = [record("StepCount", "5", "count", 3, "Anna's telephone")]
    records += [record("StepCount", str(n), "count", n) for n in (2, 1)]
    recording = reading(export(*records))
    assert recording.signals["steps"].whole()[1].ravel().tolist() == [1, 2]
    assert recording.signals["steps_2"].whole()[1].ravel().tolist() == [5]
    assert "Anna" not in str(recording.details) + str(recording.device)


def test_pressures_of_one_moment_belong_together(reading: Reading) -> None:
    records = [
        record(f"BloodPressure{kind}", value, "mmHg", 5) for kind, value in (("Systolic", "121"), ("Diastolic", "79"))
    ]
    records.append(record("BloodPressureSystolic", "130", "mmHg", 9))
    assert reading(export(*records)).signals["blood_pressure"].whole()[1].tolist() == [[121, 79]]


def test_beats_of_heart_rate_variability_are_intervals(reading: Reading) -> None:
    beats = '<InstantaneousBeatsPerMinute bpm="60" time="10:00:01,50 AM"/>'
    beats += '<InstantaneousBeatsPerMinute bpm="75" time="10:00:02.30"/>'
    inner = f"<HeartRateVariabilityMetadataList>{beats}</HeartRateVariabilityMetadataList>"
    content = export(
        record("HeartRateVariabilitySDNN", "41", "ms", inner=inner), record("HeartRate", "61", "count/min")
    )
    moments, values = reading(content).signals["interbeat_interval"].whole()
    assert ((moments - START) / SECOND).tolist() == [1.5, 2.3]
    assert values.ravel().tolist() == [1000, 800]


def test_an_export_in_its_archive_is_read(reading: Reading) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("apple_health_export/export.xml", export(record("HeartRate", "61", "count/min")))
        archive.writestr("apple_health_export/export_cda.xml", "<x/>")
    assert len(reading(packed.getvalue()).signals["heart_rate"]) == 1


def test_an_export_that_is_cut_off_keeps_what_came_before(reading: Reading) -> None:
    content = export(*(record("HeartRate", "61", "count/min", n) for n in range(5)))
    recording = reading(content[:-150])
    assert len(recording.signals["heart_rate"]) in (4, 5)
    assert len(recording.findings) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (export(record("HeartRate", "61", "Hz")), r"^file, line 6: HeartRate in 'Hz'; accepted: count/min"),
        (export(record("HeartRate", "fast", "count/min")), r"^file, line 6: value 'fast'; accepted: a number"),
        (export(), r"^file: no record of a kind that is kept"),
        (
            export(record("HeartRate", "61", "count/min")).replace(b"]>", b'<!ENTITY a "b">]>'),
            r"an entity; accepted: XML that declares",
        ),
        (
            export(record("HeartRate", "61", "count/min")).replace(b"2024-03-01 10", b"yesterday 10"),
            r"startDate 'yesterday",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(content: bytes, message: str, reading: Reading) -> None:
    with pytest.raises(SignalError, match=message):
        reading(content)
