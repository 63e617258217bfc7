"""Who may do what, where and when: role x permission x scope, for a period. Denied unless granted.

Three privileges are separate from every other right and no role has them by accident:
``identity.read`` (who the participant is), ``allocation.read`` (what they were allocated) and ``source.read`` (what
they said in confidence to the site).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from helmont.core.roles import ROLES

PRIVILEGES = ("identity", "allocation", "source")
SYSTEM = "system"  # the installation's own log; no study has this id


@dataclass(frozen=True, slots=True)
class Scope:
    """Where something is: a study, and within it a country and site, and whose data it is."""

    study: str
    country: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """One role of one person in one place and period. Empty country and site mean the whole study; ``*`` every study.

    ``only``, where given, narrows the role to those of its permissions (an access token's grants).
    """

    role: str
    study: str
    country: str = ""
    site: str = ""
    starts: str = ""
    ends: str = ""
    only: frozenset[str] | None = None

    def covers(self, scope: Scope, on: str) -> bool:
        return (
            self.study in ("*", scope.study)
            and (not self.starts or self.starts <= on)
            and (not self.ends or on <= self.ends)
            and (not self.site or self.site == scope.site)
            and (not self.country or self.country == scope.country)
        )

    def allows(self, permission: str) -> bool:
        return permission in self.permissions

    @property
    def permissions(self) -> frozenset[str]:
        everything = ROLES[self.role].permissions
        return everything if self.only is None else everything & self.only


@dataclass(frozen=True)
class Actor:
    """A person (or a service of the installation) together with everything they were granted."""

    handle: str
    grants: tuple[Grant, ...] = ()
    timezone: str = "UTC"
    language: str = "en"
    _roles: dict[tuple[str, Scope, str], str | None] = field(default_factory=dict, compare=False, repr=False)

    def role_for(self, permission: str, scope: Scope, on: date) -> str | None:
        """The first role that allows ``permission`` at ``scope`` on that date; None when there is none."""
        day = on.isoformat()
        known = self._roles.get((permission, scope, day), "")
        if known == "":
            known = next((g.role for g in self.grants if g.allows(permission) and g.covers(scope, day)), None)
            if len(self._roles) > 2000:
                self._roles.clear()
            self._roles[permission, scope, day] = known
        return known

    def may(self, permission: str, scope: Scope, on: date) -> bool:
        return self.role_for(permission, scope, on) is not None

    def places(self, permission: str, study: str, on: date) -> list[Grant]:
        """The grants that allow ``permission`` somewhere in ``study`` on that date."""
        day = on.isoformat()
        return [
            grant
            for grant in self.grants
            if grant.allows(permission) and grant.covers(Scope(study, grant.country, grant.site), day)
        ]

    def studies(self, on: date) -> set[str]:
        """Ids of the studies in which the person has any role on that date; ``*`` stands for all."""
        day = on.isoformat()
        return {g.study for g in self.grants if g.study != SYSTEM and g.covers(Scope(g.study, g.country, g.site), day)}

    def hidden(self, scope: Scope, on: date) -> frozenset[str]:
        """The privileges that the person lacks at ``scope``: values under them must not reach them."""
        return frozenset(p for p in PRIVILEGES if not self.may(f"{p}.read", scope, on))


def service(handle: str, role: str, study: str = "*", timezone: str = "UTC") -> Actor:
    """An actor of the installation itself (an import, a schedule), named in the ledger like a person."""
    return Actor(handle, (Grant(role, study),), timezone)


def union(grants: Iterable[Grant]) -> frozenset[str]:
    """Every permission that any of the grants allows."""
    return frozenset().union(*(grant.permissions for grant in grants))
