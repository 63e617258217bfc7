"""Who wears which device, and when; what was corrected afterwards."""

from __future__ import annotations

import pytest

from helmont.core.errors import Conflict, Invalid, NotFound, NotPermitted
from helmont.core.ledger.models import Entry
from helmont.core.ledger.verify import verify
from helmont.core.vault.actions import SetIdentity
from helmont.core.vault.queries import read_identity
from helmont.sensors.actions.corrections import CorrectClock, CorrectWearer, WithdrawCorrection
from helmont.sensors.actions.devices import AssignDevice, EndAssignment, RegisterDevice, RenewSecret
from helmont.sensors.models import Device, DeviceAssignment, SampleCorrection
from tests.cast import OTHER_PARTICIPANT, STUDY, actor
from tests.sensors.kit import WEARER, assign, do, register

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db")]


def test_a_device_is_with_one_participant_at_a_time() -> None:
    register()
    first, _secret = assign()
    with pytest.raises(Conflict, match="Somebody else"):
        assign(starts="2026-02-01T00:00:00Z")
    do(EndAssignment(first, "2026-02-01T10:00:00+01:00"))
    second, _secret = assign(starts="2026-02-01T09:00:00Z")
    assert [row.ends for row in DeviceAssignment.objects.order_by("key")] == ["2026-02-01T09:00:00.000000Z", ""]
    assert second.endswith("/2")
    with pytest.raises(Conflict, match="by then"):
        do(EndAssignment(first, "2026-02-02T00:00:00Z"))
    with pytest.raises(Conflict, match="wears"):
        do(RegisterDevice(STUDY, "W-001", "Axivity AX3", retired=True), "data.manager")
    assert verify([STUDY]).clean


@pytest.mark.parametrize(
    ("place", "options"),
    [
        ("starts", {"starts": "yesterday"}),
        ("starts", {"starts": "2026-01-12T08:00:00"}),
        ("ends", {"ends": "2026-01-01T00:00:00Z"}),
        ("timezone", {"timezone": "Belgium"}),
        ("placement", {"placement": "left ear"}),
    ],
)
def test_an_assignment_that_cannot_be_is_refused_with_the_field(place: str, options: dict[str, str]) -> None:
    register()
    with pytest.raises(Invalid) as refused:
        assign(**options)
    assert [fault.place for fault in refused.value.faults] == [place]
    assert not DeviceAssignment.objects.exists()


def test_only_the_participants_site_gives_them_a_device() -> None:
    register()
    for handle, error in (("elsewhere", NotFound), ("monitor", NotPermitted), ("outsider", NotFound)):
        with pytest.raises(error):
            do(AssignDevice(WEARER, "W-001", "2026-01-12T08:00:00Z", "Europe/Brussels"), handle)
    for handle, error in (
        ("coordinator", NotFound),
        ("monitor", NotPermitted),
    ):  # a site's people do not act for the study
        with pytest.raises(error):
            do(RegisterDevice(STUDY, "W-002", "Axivity AX3"), handle)
    with pytest.raises(Invalid):
        do(RegisterDevice(STUDY, "a device", "Axivity AX3"), "data.manager")
    assert Device.objects.count() == 1


def test_the_serial_number_is_in_the_vault_and_nowhere_else() -> None:
    register()
    assign()
    serial = "AX3-6011204"
    do(SetIdentity(WEARER, {"device:W-001": serial}))
    assert read_identity(actor("coordinator"), WEARER, "To check the label")["device:W-001"] == serial
    assert all(serial not in str(entry.body) for entry in Entry.objects.filter(log=STUDY))
    with pytest.raises(Invalid):
        do(SetIdentity(WEARER, {"device of mine": serial}))


def test_a_secret_is_renewed_and_taken_away() -> None:
    register()
    key, _secret = assign()
    do(RenewSecret(key, "0" * 64))
    assert DeviceAssignment.objects.get(key=key).digest == "0" * 64
    do(RenewSecret(key, ""))
    assert DeviceAssignment.objects.get(key=key).digest == ""
    with pytest.raises(Invalid):
        do(RenewSecret(key, "secret"))


def test_a_clock_is_corrected_by_points_and_the_last_correction_holds() -> None:
    register()
    key, _secret = assign()
    points = {"2026-01-12T08:00:00Z": "2026-01-12T08:00:30Z", "2026-01-19T08:00:00Z": "2026-01-19T08:01:10Z"}
    do(CorrectClock(key, points, "Compared with the clock of the site"), "data.manager")
    do(
        CorrectClock(key, dict([next(iter(points.items()))]), "The second reading was of another device"),
        "data.manager",
    )
    rows = SampleCorrection.objects.order_by("key")
    assert [(row.withdrawn, len(row.points)) for row in rows] == [(True, 2), (False, 1)]
    backwards = {"2026-01-12T08:00:00Z": "2026-01-12T09:00:00Z", "2026-01-12T08:10:00Z": "2026-01-12T08:30:00Z"}
    with pytest.raises(Invalid, match="backwards"):
        do(CorrectClock(key, backwards, "Wrong"), "data.manager")
    with pytest.raises(NotPermitted):
        do(CorrectClock(key, points, "Not mine to say"), "coordinator")


def test_somebody_else_wore_it_for_a_while() -> None:
    register()
    key, _secret = assign()
    span = ("2026-01-13T00:00:00Z", "2026-01-14T00:00:00Z")
    made = do(CorrectWearer(key, *span, "The wife wore it", f"{STUDY}/{OTHER_PARTICIPANT}"), "data.manager")
    with pytest.raises(Conflict, match="same time"):
        do(CorrectWearer(key, "2026-01-13T12:00:00Z", "2026-01-15T00:00:00Z", "Again"), "data.manager")
    with pytest.raises(Invalid, match="no such participant"):
        do(
            CorrectWearer(key, "2026-01-20T00:00:00Z", "2026-01-21T00:00:00Z", "Who", f"{STUDY}/701-999"),
            "data.manager",
        )
    do(WithdrawCorrection(key, made, "It was he after all"), "data.manager")
    assert SampleCorrection.objects.get(key=made).withdrawn
    do(CorrectWearer(key, "2026-01-13T12:00:00Z", "2026-01-15T00:00:00Z", "Nobody wore it"), "data.manager")
    assert verify([STUDY]).clean
