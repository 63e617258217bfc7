"""The people of these tests: administrator, study manager, investigator, nurse and outsider, and their study."""

from helmont.core.people.actions import AssignRole, CreatePerson, SetPassword
from helmont.core.people.queries import load_actor
from helmont.core.permissions import Actor, service
from helmont.core.writer import perform

STUDY = "TRIAL1"
SITE = "701"
PASSWORD = "correct horse battery staple"
HELMONT = service("helmont", "system")


def person(handle: str, name: str = "", email: str = "") -> Actor:
    """An account with the password of the cast."""
    perform(CreatePerson(handle, name or handle.replace(".", " ").title(), email or f"{handle}@example.org"), HELMONT)
    actor = load_actor(handle)
    perform(SetPassword(handle, HASH), actor)
    return actor


def assign(handle: str, role: str, study: str = STUDY, site: str = "", **period: str) -> str:
    """Give a role and return the assignment's key."""
    outcome = perform(AssignRole(handle, role, study, site=site, **period), HELMONT)
    return str(outcome.result["assignment"])


def investigator(handle: str = "ines.investigator", site: str = SITE) -> Actor:
    person(handle)
    assign(handle, "investigator", site=site)
    return load_actor(handle)


def nurse(handle: str = "nora.nurse") -> Actor:
    return person(handle)


def administrator(handle: str = "adam.admin") -> Actor:
    person(handle)
    assign(handle, "administrator", "*")
    return load_actor(handle)


def manager(handle: str = "mia.manager") -> Actor:
    person(handle)
    assign(handle, "study_manager")
    return load_actor(handle)


# scrypt takes a tenth of a second; the cast shares one hash of PASSWORD.
HASH = SetPassword.to("anyone", PASSWORD).password_hash
