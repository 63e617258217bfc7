"""Trial data on the command line: rehearsed, refused with file and line, taken in, remembered."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_commands import PACKAGE
from tests.installation import Installation, installation

pytestmark = [pytest.mark.database, pytest.mark.slow]
MAPPING = """
participant: '{ID}'
site: '01'
country: BE
people: {file: lines.csv, screened: DAY}
tables:
  - {file: lines.csv, form: DM, visit: {encounter: SCREENING_1, date: DAY}, items: {SEX: {column: SEX}, AGE: {column: AGE}}}
"""
LINES = "ID,DAY,SEX,AGE\n01-001,2026-01-05,F,60\n01-002,2026-01-06,{sex},61\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with the minimal study."""
    with installation(tmp_path_factory.mktemp("data")) as made:
        made.run("study", "publish", str(PACKAGE))
        yield made


def data(folder: Path, sex: str) -> tuple[str, ...]:
    """The arguments of an import of two participants, the second of that sex."""
    (folder / "map.yaml").write_text(MAPPING)
    (folder / "lines.csv").write_text(LINES.format(sex=sex))
    return "import", "MINIMAL", str(folder), "--mapping", str(folder / "map.yaml"), "--json"


def test_data_are_rehearsed_and_taken_in_and_what_cannot_begin_is_a_report_too(
    place: Installation, tmp_path: Path
) -> None:
    refused = json.loads(place.run(*data(tmp_path, "unknown"), code=1).stdout)
    assert not refused["carried_out"]
    assert [(one["file"], one["line"]) for one in refused["findings"] if one["severity"] == "error"] == [
        ("lines.csv", 3)
    ]
    done = json.loads(place.run(*data(tmp_path, "M")).stdout)
    assert done["carried_out"]
    assert done["created"]["participant"] == 2
    arguments = data(tmp_path, "M")
    (tmp_path / "lines.csv").unlink()
    missing = json.loads(place.run(*arguments, code=1).stdout)
    assert [(one["file"], one["message"]) for one in missing["findings"]] == [("lines.csv", "the file is missing")]
    noted = place.python(
        "from helmont.exchange.models import Import\n"
        "print(*[f'{row.study} {row.format} {row.person}' for row in Import.objects.all()], sep='|')"
    )
    assert noted.strip() == "MINIMAL CSV import"
