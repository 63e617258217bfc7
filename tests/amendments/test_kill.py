"""The process that carries out an amendment is killed again and again: it goes on where it was, and does all of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import REPOSITORY, Installation, installation

pytestmark = [pytest.mark.database, pytest.mark.slow]
PEOPLE, KILLS = 24, 3
AMENDMENT = "ORCHID/amendments/1"

PREPARE = f"""
from pathlib import Path
from helmont.amendments.models import Amendment
from helmont.core.writer import perform
from helmont.edc.actions.entry import SaveForm
from helmont.participants.actions import BeginEncounter, ScreenParticipant
from tests.amendments.conftest import SPLIT, SPLIT_MOVES
from tests.amendments.kit import amended, approved
from tests.edc.kit import CLEO, IMPORT, STUDY, begin_trial
begin_trial()
for number in range(2, {PEOPLE} + 1):
    who = f"701-{{{{number:03}}}}"
    perform(ScreenParticipant(STUDY, "701", who, "2026-01-05"), IMPORT)
    perform(BeginEncounter(STUDY, who, "BASELINE", "2026-01-19"), IMPORT)
    values = {{{{"VSPERF": "Y", "VSDTC": "2026-01-19", "VS_READ[1].SYSBP": str(100 + number), "WEIGHT": "80"}}}}
    perform(SaveForm(f"{{{{STUDY}}}}/{{{{who}}}}/BASELINE/VS", values), CLEO)
print(approved(amended(Path({{folder!r}}), SPLIT, SPLIT_MOVES)).key)
"""
WORK = "from helmont.amendments.running import work_through\nwork_through({key!r})\n"
LOOK = """
import json
from helmont.amendments.models import Amendment, Migration
from helmont.core.ledger.verify import verify
from helmont.edc.models import Form
forms = {{r.key.split("/")[1]: r.data.get("VS_READ[1].SYSBP") for r in Form.objects.filter(form="BP")}}
done = Migration.objects.filter(amendment={key!r}, status="done").count()
status = Amendment.objects.get(key={key!r}).status
print(json.dumps({{"forms": forms, "done": done, "status": status, "clean": verify(["ORCHID"]).clean}}))
"""
PARTS = """
from helmont.amendments import dry_run
from helmont.amendments.migrating import concerned
people = concerned("ORCHID", ["1.0"])
alone = [repr(impact) for impact in dry_run.dry_run("ORCHID", people, {version!r})]
dry_run.MANY = 0
heard = []
together = dry_run.dry_run("ORCHID", people, {version!r}, lambda done, all: heard.append((done, all)))
assert [repr(impact) for impact in together] == alone
assert heard[-1] == (len(people), len(people))
print(len(alone))
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path / "home") as made:
        made.run("migrate")
        yield made


def work_and_kill(place: Installation, key: str, after: float) -> bool:
    """Begin, or go on; kill it ``after`` seconds from when Django is ready. False when it was through before."""
    program = f"import django\ndjango.setup()\nprint('ready', flush=True)\n{WORK.format(key=key)}"
    with subprocess.Popen(
        [sys.executable, "-c", program], env=place.environment, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(after)
        running = process.poll() is None
        process.kill()
    return running


def look(place: Installation, key: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(place.python(LOOK.format(key=key)))
    return found


def test_an_amendment_that_is_killed_goes_on_and_loses_nothing(place: Installation, tmp_path: Path) -> None:
    key = place.python(PREPARE.format(folder=str(tmp_path / "package"))).split()[-1]
    version = place.python("from helmont.amendments.models import Amendment; print(Amendment.objects.get().target)")
    assert place.python(PARTS.format(version=version.strip())).split() == [str(PEOPLE)], (
        "one process or several: the same"
    )
    killed, counts = 0, []
    for kill in range(KILLS):
        killed += work_and_kill(place, key, 0.15 * (kill + 1))
        found = look(place, key)
        assert found["clean"], "after a kill"
        counts.append(found["done"])
    assert killed, "it was never killed while at work"
    place.python(WORK.format(key=key))
    found = look(place, key)
    assert (found["done"], found["status"], found["clean"]) == (PEOPLE, "done", True), counts
    assert found["forms"] == {f"701-{number:03}": str(100 + number) for number in range(2, PEOPLE + 1)}
