"""The demonstration trial: loaded by the command a newcomer runs, verified, tampered with, exported and proved."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation, installation

pytestmark = [pytest.mark.database, pytest.mark.slow, pytest.mark.xdist_group("demo")]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("demo")) as made:
        made.first_run = made.run("demo", "--no-serve")  # type: ignore[attr-defined]  # for the test of what it prints
        yield made


def report_of(demo: Installation, code: int = 0) -> dict[str, object]:
    report: dict[str, object] = json.loads(demo.run("ledger", "verify", "--json", code=code).stdout)
    return report


def test_the_whole_trial_is_captured_and_every_value_lies_in_the_ledger(demo: Installation) -> None:
    report = report_of(demo)
    assert report["clean"] is True
    assert report["faults"] == []
    assert int(str(report["values"])) > 200_000
    counted = demo.python(
        "from helmont.participants.models import Participant\n"
        "from helmont.studies.models import Site\n"
        "from helmont.edc.models import Form\n"
        "pilot = Participant.objects.filter(study='CDISCPILOT01')\n"
        "print(pilot.count(), pilot.exclude(status='screen_failed').count(),"
        " Site.objects.filter(study='CDISCPILOT01').count(), Form.objects.filter(form='AE').count())"
    )
    # CDISCPILOT01 clinical study report, 10.1: 306 screened, 254 randomised, 17 sites; 1,191 collected adverse events.
    assert counted.split() == ["306", "254", "17", "1191"]


def test_nothing_is_refused_and_what_is_not_represented_is_listed(demo: Installation) -> None:
    printed = demo.first_run.stderr + demo.first_run.stdout  # type: ignore[attr-defined]
    assert " 0 refused" in printed
    assert "not represented: the central laboratory's ranges" in printed
    assert "sofie.claes" in printed


def test_a_second_run_keeps_the_data(demo: Installation) -> None:
    before = report_of(demo)
    again = demo.run("demo", "--no-serve")
    assert "Replaying" not in again.stderr
    assert report_of(demo)["entries"] == before["entries"]


def test_an_outsider_checks_an_export_with_one_file_and_no_trust(demo: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    demo.run("ledger", "export", "CDISCPILOT01", "--to", str(folder))
    verifier = [sys.executable, "-I", "-S", str(folder / "verifier.py")]
    clean = subprocess.run([*verifier, str(folder)], capture_output=True, text=True, check=False)
    assert clean.returncode == 0, clean.stdout
    entries = folder / "entries.jsonl"
    text = entries.read_text()
    position = text.index('\\"SEX\\":[null,\\"F\\"]') if '\\"SEX\\":[null,\\"F\\"]' in text else text.index("SYSBP")
    entries.write_text(text[:position] + "X" + text[position + 1 :])
    faulty = subprocess.run([*verifier, str(folder)], capture_output=True, text=True, check=False)
    assert faulty.returncode == 1, faulty.stdout


def test_the_proof_of_one_entry_stands_on_its_own(demo: Installation, tmp_path: Path) -> None:
    proof = json.loads(demo.run("ledger", "prove", "CDISCPILOT01", "4711", "--json").stdout)
    verifier = Path("src/helmont/core/ledger/verifier.py").resolve()
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof))
    command = [sys.executable, "-I", "-S", str(verifier), "--proof", str(file)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    file.write_text(json.dumps({**proof, "sequence": 4712}))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


TAMPER_VALUE = """
from django.db import connection
from helmont.edc.models import Form
row = Form.objects.filter(form="VS", encounter="WEEK_2").order_by("key").first()
data = {**row.data, "TEMP": {"value": "99.9", "unit": "[degF]"}}
import json
with connection.cursor() as cursor:
    cursor.execute("UPDATE edc_form SET data = %s WHERE key = %s", [json.dumps(data), row.key])
print(row.key, json.dumps(row.data))
"""


def test_a_value_changed_by_sql_behind_the_application_is_found_and_named(demo: Installation) -> None:
    key, data = demo.python(TAMPER_VALUE).split(" ", 1)
    faults = str(report_of(demo, code=1)["faults"])
    assert key in faults
    assert "TEMP" in faults
    demo.python(
        "from django.db import connection\nwith connection.cursor() as cursor:\n"
        f"    cursor.execute('UPDATE edc_form SET data = %s WHERE key = %s', [{data.strip()!r}, {key!r}])"
    )
    assert report_of(demo)["clean"] is True


TAMPER_BYTE = """
from django.db import connection
from helmont.core.ledger import triggers
triggers.uninstall(connection)
with connection.cursor() as cursor:
    cursor.execute("SELECT body FROM ledger_entry WHERE log = 'CDISCPILOT01' AND sequence = 777")
    body = cursor.fetchone()[0]
    changed = body.replace('"v":1', '"v":2')
    assert changed != body
    cursor.execute("UPDATE ledger_entry SET body = %s WHERE log = 'CDISCPILOT01' AND sequence = 777", [changed])
"""


def test_one_byte_of_one_entry_is_found_and_named(demo: Installation) -> None:
    demo.python(TAMPER_BYTE)
    assert "777" in str(report_of(demo, code=1)["faults"])
    demo.python(TAMPER_BYTE.replace("'\"v\":1', '\"v\":2'", "'\"v\":2', '\"v\":1'") + "triggers.install(connection)\n")
    assert report_of(demo)["clean"] is True
