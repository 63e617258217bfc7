"""The people of the demonstration: one of each role, in four languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helmont.core.people.actions import CreatePerson, SetPassword
from helmont.core.people.assignments import AssignRole
from helmont.core.people.models import Person
from helmont.core.people.queries import load_actor
from helmont.core.permissions import Actor
from helmont.core.roles import ROLES
from helmont.core.writer import perform

PASSWORD = "helmont-1648-demo"


SITES = {"ACTIVITY01": "801"}
"""The one site of a study, for those who work at a site."""


@dataclass(frozen=True)
class Member:
    """One person of the demonstration; ``site`` is empty for a role over the whole study."""

    handle: str
    name: str
    language: str
    role: str
    site: str = ""

    @property
    def title(self) -> str:
        return str(ROLES[self.role].title)


CAST = (
    Member("sofie.claes", "Sofie Claes", "nl", "site_coordinator", "701"),
    Member("anna.maes", "Dr Anna Maes", "nl", "investigator", "701"),
    Member("jan.peeters", "Jan Peeters", "nl", "site_coordinator", "704"),
    Member("nora.visser", "Nora Visser", "nl", "site_nurse", "701"),
    Member("tom.devos", "Tom Devos", "en", "monitor"),
    Member("lena.bakker", "Lena Bakker", "en", "data_manager"),
    Member("marie.dubois", "Dr Marie Dubois", "fr", "medical_reviewer"),
    Member("femke.jansen", "Femke Jansen", "nl", "medical_coder"),
    Member("karl.weber", "Karl Weber", "de", "statistician"),
    Member("uma.stein", "Uma Stein", "de", "unblinded_statistician"),
    Member("claire.martin", "Claire Martin", "fr", "sponsor"),
    Member("ines.laurent", "Ines Laurent", "en", "inspector"),
    Member("paul.janssens", "Paul Janssens", "nl", "privacy_officer"),
    Member("eva.smit", "Eva Smit", "en", "study_manager"),
    Member("admin", "Administrator", "en", "administrator"),
)


def engage(studies: Sequence[str], service: Actor) -> Iterator[Member]:
    """Make the accounts that are not there yet and assign their roles; yields each person as they are ready.

    A role at a site is one at the ``SITES`` of the other studies too.
    """
    there = set(Person.objects.values_list("handle", flat=True))
    for member in CAST:
        if member.handle not in there:
            email = f"{member.handle}@demo.helmont.example"
            perform(CreatePerson(member.handle, member.name, email, member.language), service)
            perform(SetPassword.to(member.handle, PASSWORD), load_actor(member.handle))
            if member.role == "administrator":
                perform(AssignRole(member.handle, member.role, "*"), service)
            else:
                for study in studies:
                    site = SITES.get(study, member.site) if member.site else ""
                    perform(AssignRole(member.handle, member.role, study, site=site), service)
        yield member
