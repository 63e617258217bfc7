"""The pages of amendments: what was planned can be read, participant by participant, and values are decided about."""

from __future__ import annotations

from urllib.parse import unquote, urlencode

import pytest

from helmont.amendments.models import Amendment, KeptValue
from helmont.core.ledger.verify import verify
from tests import cast
from tests.cast import PARTICIPANT, STUDY
from tests.permissions.table import carried_out_amendment, planned_amendment

pytestmark = pytest.mark.database
ROOT = f"/studies/{STUDY}/amendments"


@pytest.fixture(autouse=True)
def people(db: None) -> None:  # noqa: ARG001 - makes the database
    cast.build()


def read(handle: str, address: str) -> str:
    answer = cast.sign_in(handle).get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.content.decode())


def test_a_plan_reads_from_the_whole_to_one_value() -> None:
    planned_amendment()
    assert "to version 9.0" in read("sponsor", f"{ROOT}/1/")
    assert "Values may no longer fit" in read("sponsor", f"{ROOT}/1/difference")
    assert PARTICIPANT in read("monitor", f"{ROOT}/1/participants?what=unfit")
    one = read("monitor", f"{ROOT}/1/participants/{PARTICIPANT}")
    assert "Headache" in one
    assert "8 characters are too many" in one
    assert Amendment.objects.get().status == "planned"


def test_a_value_without_a_place_is_seen_and_decided_about() -> None:
    carried_out_amendment()
    assert "Headache" in read("coordinator", f"{ROOT}/values")
    for handle, place in (("coordinator", ""), ("monitor", "LOG/AE/1")):
        assert "Headache" in read(handle, f"/studies/{STUDY}/participants/{PARTICIPANT}/{place}")
    kept = KeptValue.objects.get()
    address = f"{ROOT}/values/{PARTICIPANT}/{kept.key.rsplit('/', 1)[1]}"
    answer = cast.sign_in("coordinator").post(address, {"decision": "set_aside"})
    assert answer.status_code == 422
    cast.sign_in("coordinator").post(
        address, {"decision": "place", "item": "AETERM", "value": "HA", "reason": "Shorter"}
    )
    assert KeptValue.objects.get().status == "placed"


def test_other_sites_are_not_in_the_list() -> None:
    planned_amendment()
    assert PARTICIPANT not in read("elsewhere", f"{ROOT}/1/participants")


def test_the_page_stops_and_dates() -> None:
    carried_out_amendment()
    page = read("study.manager", f"{ROOT}/1/")
    assert "Approved" in page
    assert "In force from" in page
    assert "Participants by site and version" in read("monitor", f"{ROOT}/")


def test_a_value_without_a_place_can_be_redacted() -> None:
    carried_out_amendment()
    kept = KeptValue.objects.get()
    privacy = f"/studies/{STUDY}/redactions/new"
    former = {"record": f"form:{kept.form}", "path": f"data/{kept.item}"}
    officer = cast.sign_in("privacy.officer")
    assert f"kept_value:{kept.key}" in unquote(str(officer.get(privacy, former).content.decode()))
    place = {"record": f"kept_value:{kept.key}", "path": "value/value"}
    page = officer.get(privacy, place)
    assert "Headache" in page.content.decode()
    assert f"form:{kept.form}" in unquote(page.content.decode())
    form = page.context["form"]
    done = officer.post(f"{privacy}?{urlencode(place)}", {"seen": form.initial["seen"], "reason": "A name"})
    assert done.status_code == 302
    kept.refresh_from_db()
    assert kept.value == {"value": {"redacted": True}}
    assert "Headache" not in read("coordinator", f"{ROOT}/values")
    assert "[redacted]" in read("coordinator", f"{ROOT}/values")
    assert verify([STUDY]).clean
