"""Pseudonymised source copies: what gives somebody away is refused, who looks is recorded, nothing stays for good."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from helmont.core.errors import Invalid, NotFound, NotPermitted, ReasonRequired, Refused
from helmont.core.ledger.verify import verify
from helmont.core.vault.actions import SetIdentity
from helmont.core.vault.traces import gives_away
from helmont.edc.actions.sources import LookAtSource, OfferSource, WithdrawSource
from helmont.edc.actions.uploads import discard, store_copy
from helmont.edc.models import SourceCopy
from helmont.edc.queries.sources import copies_for, is_open, stored_copy
from helmont.edc.sources import withdraw_old_copies
from tests.edc.kit import CLEO, DANA, MONA, NORA, OTTO, PHIL, STUDY, TODAY, WHO, complete, do, key, last_entry

pytestmark = [pytest.mark.django_db, pytest.mark.database]
VS, IP = key("VS"), key("IP")


@pytest.fixture(autouse=True)
def known() -> None:
    complete(VS, VSPERF="Y", WEIGHT="70")
    identity = {"name": "Zoë van den Borre", "birth_date": "1950-07-03", "national_id": "50.07.03-033.28"}
    do(SetIdentity(f"{STUDY}/{WHO}", identity))


def upload(text: str | bytes, name: str = "chart.txt") -> dict[str, str]:
    return store_copy(SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode()))


def offer(text: str | bytes = "701-001: weight 70 kg", name: str = "chart.txt", **more: bool) -> str:
    given = {"declared": True} | more
    made: dict[str, str] = do(OfferSource(VS, upload(text, name), **given))  # type: ignore[arg-type]  # two booleans
    return made["key"]


def test_a_copy_is_offered_looked_at_and_the_look_is_in_the_ledger() -> None:
    copy = offer()
    row = SourceCopy.objects.get(key=copy)
    assert (row.status, row.checked, row.by) == ("offered", "text", "cleo.coordinator")
    assert [each.key for each in copies_for(MONA, STUDY, TODAY)] == [copy]
    assert not is_open(MONA, row)
    do(LookAtSource(copy), MONA)
    entry = last_entry()
    assert (entry["actor"], entry["action"]) == ("mona.monitor", "edc.look_at_source")
    assert is_open(MONA, SourceCopy.objects.get(key=copy))
    assert verify([STUDY]).faults == []


@pytest.mark.parametrize(
    ("text", "name", "field"),
    [
        ("Patient: ZOE, weight 70", "chart.txt", "name"),
        ("Mrs Borre came today", "chart.txt", "name"),
        ("born 3.7.1950", "chart.txt", "birth_date"),
        ("born 03/07/1950", "chart.txt", "birth_date"),
        ("geboren op 3 juli 1950", "chart.txt", "birth_date"),
        ("INSZ 50070303328", "chart.txt", "national_id"),
        ("weight 70", "zoe-chart.txt", "name"),
    ],
)
def test_what_gives_the_participant_away_is_refused_and_its_words_are_not_repeated(
    text: str, name: str, field: str
) -> None:
    with pytest.raises(Invalid, match=f"gives away who this is: {field}") as refusal:
        offer(text, name)
    assert "Borre" not in str(refusal.value)
    assert not SourceCopy.objects.exists()


def test_what_helmont_cannot_read_takes_a_person_and_a_declaration_always() -> None:
    scan = b"\x89PNG\r\n\x1a\n\x00\x01"
    with pytest.raises(Invalid, match="look through it yourself"):
        offer(scan, "scan.png")
    assert SourceCopy.objects.get(key=offer(scan, "scan.png", looked=True)).checked == "person"
    with pytest.raises(Invalid, match="pseudonymised"):
        offer(declared=False)
    with pytest.raises(Invalid, match="kind of file"):
        upload(b"PK\x03\x04\x00", "chart.docx")


def test_only_who_may_verify_or_offer_sees_a_copy() -> None:
    copy = offer()
    assert copies_for(OTTO, STUDY, TODAY) == copies_for(DANA, STUDY, TODAY) == copies_for(NORA, STUDY, TODAY) == []
    for person in (OTTO, DANA, CLEO):
        with pytest.raises((NotPermitted, NotFound)):
            do(LookAtSource(copy), person)
    with pytest.raises(NotPermitted):
        do(OfferSource(VS, upload("701-001"), declared=True), NORA)


def test_the_source_of_a_form_with_hidden_items_is_kept_from_who_may_not_see_them() -> None:
    complete(IP, TAKEN="2")
    complete(IP, DOSE="5", by=PHIL, reason="allocated")
    copy = do(OfferSource(IP, upload("allocated 5 mg"), declared=True))["key"]
    assert copies_for(MONA, STUDY, TODAY) == []
    with pytest.raises(NotFound):
        do(LookAtSource(copy), MONA)
    assert [row.key for row in copies_for(CLEO, STUDY, TODAY)] == [copy]  # who offered it finds it again
    do(WithdrawSource(copy, "the wrong form"))


def test_a_withdrawn_copy_is_gone_and_that_it_was_there_stays() -> None:
    copy = offer()
    digest = SourceCopy.objects.get(key=copy).file["file"]
    twin = offer()
    with pytest.raises(ReasonRequired):
        do(WithdrawSource(copy))
    do(WithdrawSource(copy, "the wrong page"))
    assert stored_copy(digest).exists()  # another copy has the same content
    do(WithdrawSource(twin, "the wrong page"))
    with pytest.raises(NotFound):
        stored_copy(digest)
    with pytest.raises(Refused, match="withdrawn"):
        do(LookAtSource(copy), MONA)
    assert SourceCopy.objects.get(key=copy).reason == "the wrong page"


def test_a_copy_is_withdrawn_when_its_time_is_over() -> None:
    copy = offer()
    until = SourceCopy.objects.get(key=copy).until
    withdraw_old_copies(until)
    assert SourceCopy.objects.get(key=copy).status == "offered"
    withdraw_old_copies("2999-01-01")
    assert SourceCopy.objects.get(key=copy).status == "withdrawn"
    assert (last_entry()["actor"], last_entry()["reason"]) == ("helmont", "Its time is over.")


def test_the_file_of_a_refused_upload_does_not_stay() -> None:
    kept = upload("Zoë van den Borre, page 2")
    discard(kept["file"])
    with pytest.raises(NotFound):
        stored_copy(kept["file"])


@pytest.mark.parametrize(
    ("field", "known", "text"),
    [("name", "Li Wu", "a light meal"), ("telephone", "+32 9 123 45 67", "version 12345"), ("address", "", "anything")],
)
def test_what_is_only_alike_gives_nobody_away(field: str, known: str, text: str) -> None:
    assert not gives_away(field, known, text)
