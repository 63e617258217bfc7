"""What the tests of amendments share: versions of ORCHID, written where each test may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helmont.studies.queries import compiled
from helmont.study.model import Study
from tests.amendments import kit

READINGS = """\
  - id: VS_READ
    title: {en: Readings}
    repeats: {min: 2, max: 3, labels: [{en: Supine}, {en: Standing}]}
    items:
      - {id: SYSBP, label: {en: Systolic}, type: integer, unit: 'mm[Hg]', range: {min: 60, max: 250}, skip: 'VSPERF == "N"'}
      - {id: DIABP, label: {en: Diastolic}, type: integer, unit: 'mm[Hg]', skip: 'VSPERF == "N"'}
      - {id: MAP, label: {en: Mean}, type: calculated, decimals: 0, unit: 'mm[Hg]', calculation: '(SYSBP + 2 * DIABP) / 3'}
"""
SPLIT_MOVES = """\
moves:
  - {was: VS.SYSBP, now: BP.SYSBP}
  - {was: VS.DIABP, now: BP.DIABP}
  - {was: VS.MAP, now: BP.MAP}
"""
SPLIT: list[tuple[str, str, str]] = [
    ("forms/vs.yaml", READINGS, ""),
    (
        "forms/bp.yaml",
        "",
        f"id: BP\ntitle: {{en: Blood pressure}}\ngroups:\n{READINGS}".replace(", skip: 'VSPERF == \"N\"'", ""),
    ),
    ("checks/all.yaml", "form: VS, item: SYSBP", "form: BP, item: SYSBP"),
    ("protocol.yaml", "label: {en: Vital signs}, forms: [VS]", "label: {en: Vital signs}, forms: [VS, BP]"),
]
"""The form VS split in two: its readings become the form BP."""

Version = Callable[..., Study]


@pytest.fixture
def version(tmp_path: Path) -> Iterator[Version]:
    """Makes another version of ORCHID by edits. No two tests publish the same ones."""

    def make(edits: kit.Edits, amendment: str = "", number: str = "2.0") -> Study:
        return kit.amended(tmp_path / f"package-{number}", edits, amendment, number)

    compiled.cache_clear()
    yield make
    compiled.cache_clear()


@pytest.fixture
def split(version: Version) -> Study:
    return version(SPLIT, SPLIT_MOVES)
