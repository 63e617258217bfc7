"""Writing to those who must look at something: one message to each person about all that is new to them, and only once.

A message says that something waits and where; it names no participant and no value, since mail is read on other machines
than ours. That a person was written to is recorded after the message was handed to the mail server: a process that dies in
between writes twice rather than never.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from django.core.mail import EmailMessage
from django.utils import translation

from helmont.core.people.models import Assignment, Person
from helmont.core.people.queries import load_actor
from helmont.core.permissions import Actor, Scope

T = TypeVar("T")


@dataclass(frozen=True)
class Waiting(Generic[T]):
    """Something that waits: for whoever has one of ``roles`` at ``scope`` and lacks none of ``privileges``.

    ``told`` are the handles of those who were written to about it before.
    """

    about: T
    scope: Scope
    roles: Collection[str]
    privileges: Collection[str] = ()
    told: Collection[str] = ()

    def is_for(self, actor: Actor, today: date) -> bool:
        """Whether the person has one of the roles there, and may see everything behind it."""
        named = any(grant.role in self.roles and grant.covers(self.scope, today.isoformat()) for grant in actor.grants)
        return named and not set(self.privileges) & actor.hidden(self.scope, today)


def write(
    study: str,
    waiting: Iterable[Waiting[T]],
    today: date,
    message: Callable[[int], tuple[str, str]],
    record: Callable[[str, list[T]], None],
) -> int:
    """Write to everybody for whom something new waits; returns to how many.

    ``message`` gives subject and body for so many things, in the language of the person; ``record`` is called with each person's
    handle, and what they were told of, once their message is on its way.
    """
    people = _people(study)
    new: dict[str, list[T]] = defaultdict(list)
    for each in waiting:
        for handle, (_person, actor) in people.items():
            if handle not in each.told and each.is_for(actor, today):
                new[handle].append(each.about)
    for handle, mine in new.items():
        person = people[handle][0]
        with translation.override(person.language):
            subject, body = message(len(mine))
        EmailMessage(subject, body, to=[person.email]).send()
        record(handle, mine)
    return len(new)


def _people(study: str) -> dict[str, tuple[Person, Actor]]:
    """Those of the study whom a message can reach."""
    handles = Assignment.objects.filter(study=study).values_list("person", flat=True)
    found = Person.objects.filter(handle__in=list(handles), active=True).exclude(email="").order_by("handle")
    return {person.handle: (person, load_actor(person.handle)) for person in found}
