"""What must hold for every role there is, and every role there will be."""

import pytest

from helmont.core.roles import ROLES, Role

roles = pytest.mark.parametrize("role", ROLES.values(), ids=list(ROLES))


@roles
def test_a_blinded_role_sees_no_allocations(role: Role) -> None:
    assert not (role.blinded and role.unblinded)


@roles
def test_identities_are_known_at_sites_only(role: Role) -> None:
    assert role.places == "site" or not role.permissions & {"identity.read", "identity.change"}


@roles
def test_who_sees_allocations_does_not_know_who_the_participants_are(role: Role) -> None:
    assert not {"allocation.read", "identity.read"} <= role.permissions


@roles
def test_who_enters_or_signs_data_does_not_verify_lock_or_freeze_it(role: Role) -> None:
    assert not role.permissions & {"form.enter", "form.sign"} or not role.permissions & {
        "form.verify",
        "form.lock",
        "form.freeze",
    }


@roles
def test_who_gives_out_rights_does_not_touch_data(role: Role) -> None:
    """Locks are no data: the study manager, who gives out rights, also opens and closes the database."""
    if role.places != "service" and "assignment.change" in role.permissions:
        assert not role.permissions & {"form.enter", "form.sign", "form.verify", "form.review", "allocation.read"}


def test_only_investigators_sign_forms_and_only_the_principal_one_delegates() -> None:
    assert {r.name for r in ROLES.values() if "form.sign" in r.permissions} == {"investigator", "sub_investigator"}
    assert {r.name for r in ROLES.values() if "assignment.delegate" in r.permissions} == {"investigator"}
