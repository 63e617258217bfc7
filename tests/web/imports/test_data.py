"""Trial data of other systems on a page: rehearsed, reported with file and line, taken in, remembered; and who may."""

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from helmont.core.ledger.models import Entry
from helmont.core.ledger.verify import verify
from helmont.edc.models import Form
from helmont.exchange.models import Import
from helmont.participants.models import Participant
from tests import cast
from tests.web.listings.test_listings import do_what_is_queued

pytestmark = pytest.mark.database
HERE = f"/studies/{cast.STUDY}/imports"
MAPPING = b"""
participant: '{SUBJ}'
site: '{SITE}'
people: {file: subjects.csv, screened: SCREENED}
tables:
  - file: vs.csv
    form: VS
    visit: {encounter: BASELINE, date: DATE}
    items: {SYSBP: {column: SYS}, CONFIDE: {column: TOLD}}
"""
SUBJECTS = b"SITE,SUBJ,SCREENED\n701,701-050,2026-01-05\n"
PRESSURES = b"SUBJ,DATE,SYS,TOLD\n701-050,2026-01-19,120,\n"


def send(client: Client, **files: bytes) -> str:
    """The address of the dry run of these files, once it is done."""
    sent = [SimpleUploadedFile(name.replace("_", "."), content) for name, content in files.items()]
    answer = client.post(HERE, {"brought": sent})
    assert answer.status_code == 302, answer.content
    assert "waiting to start" in client.get(answer["Location"]).content.decode()
    do_what_is_queued()
    return str(answer["Location"])


def test_files_are_rehearsed_and_then_taken_in_by_the_person() -> None:
    client = cast.sign_in("data.manager")
    where = send(client, subjects_csv=SUBJECTS, vs_csv=PRESSURES, mapping_yaml=MAPPING)
    page = client.get(where).content.decode()
    assert "A dry run" in page
    assert "Participants screened" in page
    assert "None: every line can be taken in." in page
    assert not Participant.objects.filter(number="701-050").exists()
    assert "mapping.yaml" in client.get(HERE).content.decode()
    client.post(where, {"then": "import"})
    do_what_is_queued()
    assert "Taken in." in client.get(where).content.decode()
    assert Form.objects.get(key=f"{cast.STUDY}/701-050/BASELINE/VS").data["SYSBP"] == "120"
    (row,) = Import.objects.all()
    assert (row.person, row.format, row.file, row.counts["created/participant"]) == (
        "data.manager",
        "CSV",
        "mapping.yaml",
        1,
    )
    saved = Entry.objects.filter(record=f"form:{cast.STUDY}/701-050/BASELINE/VS", action="edc.save_form").latest(
        "sequence"
    )
    entry = json.loads(saved.body)
    assert (entry["actor"], entry["role"]) == ("data.manager", "import_service")
    assert entry["source"] == {"channel": "web", "dataset": "mapping.yaml", "file": "vs.csv", "line": 2}
    assert verify([cast.STUDY]).faults == []
    assert "Values entered 1" in client.get(HERE).content.decode()


def test_what_is_refused_has_its_file_and_line_and_nothing_is_taken_in_unless_the_rest_is_wanted() -> None:
    client = cast.sign_in("data.manager")
    told = PRESSURES.replace(b"120,", b"120,a secret") + b"701-001,2026-01-12,high,\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in (("d/subjects.csv", SUBJECTS), ("d/vs.csv", told), ("d/map.yaml", MAPPING)):
            archive.writestr(name, content)
    where = send(client, all_zip=packed.getvalue())
    page = client.get(where).content.decode()
    assert "2 refusals" in page
    assert "vs.csv, line 2" in page  # what was said in confidence is not this person's to enter
    assert "vs.csv, line 3" in page
    client.post(where, {"then": "import"})
    do_what_is_queued()
    assert not Participant.objects.filter(number="701-050").exists()
    client.post(where, {"then": "partial"})
    do_what_is_queued()
    assert Participant.objects.filter(number="701-050").exists()
    assert Import.objects.get().counts["refused"] == 2


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"notes_txt": b"x"}, "these are no data to take in: notes.txt"),
        ({"data_xml": b"<ODM"}, "data.xml, line 1"),
        (
            {"vs_csv": PRESSURES, "map_yaml": MAPPING.replace(b"subjects.csv", b"../../secrets.csv")},
            "is not a file beside",
        ),
        ({"vs_csv": PRESSURES, "map_yaml": MAPPING}, "the file is missing"),
        ({"all_zip": b"PK\x05\x06" + b"\0" * 18, "b_zip": b"PK"}, "these are no data to take in"),
    ],
)
def test_files_that_are_no_data_are_refused_with_the_reason(files: dict[str, bytes], said: str) -> None:
    client = cast.sign_in("data.manager")
    page = client.get(send(client, **files)).content.decode()
    assert said in page
    assert 'value="import"' not in page


def test_what_somebody_sent_is_theirs_alone_and_can_be_put_aside() -> None:
    client = cast.sign_in("data.manager")
    where = send(client, data_xml=b"<ODM")
    assert cast.sign_in("study.manager").get(HERE).status_code == 403
    assert client.get(where.replace(cast.STUDY, cast.OTHER)).status_code == 404
    assert client.post(where, {"then": "forget"})["Location"] == HERE
    assert client.get(where).status_code == 404
