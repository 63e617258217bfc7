"""People of the study as users, roles as user roles, sites as data access groups.

A right of REDCap's is shown as the role that a person has here allows it. An import gives somebody a role or takes it
away; the columns of single rights are read and not taken over, since a right always comes with a role.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpResponse

from helmont.api.redcap.call import Call, handles
from helmont.api.redcap.groups import group_names, group_sites
from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid
from helmont.core.people.assignments import AssignRole, EndAssignment
from helmont.core.people.models import Person
from helmont.core.people.queries import Staff, staff
from helmont.core.permissions import Scope
from helmont.core.roles import ROLES
from helmont.studies.actions import CloseSite, OpenSite
from helmont.studies.models import Site
from helmont.studies.queries import sites_for

READER = "sponsor"
"""The role of a user who is imported without one: it reads, blinded."""
RIGHTS: dict[str, str] = {
    "design": "study.publish",
    "alerts": "",
    "user_rights": "assignment.change",
    "data_access_groups": "site.change",
    "reports": "form.view",
    "stats_and_charts": "form.view",
    "manage_survey_participants": "",
    "calendar": "",
    "data_import_tool": "form.enter",
    "data_comparison_tool": "",
    "logging": "audit.view",
    "email_logging": "",
    "file_repository": "repository.read",
    "data_quality_create": "",
    "data_quality_execute": "query.view",
    "api_export": "form.view",
    "api_import": "form.enter",
    "api_modules": "",
    "mobile_app": "",
    "mobile_app_download_data": "",
    "record_create": "participant.screen",
    "record_rename": "",
    "record_delete": "participant.change",
    "lock_records_customization": "",
    "lock_records": "form.lock",
    "lock_records_all_forms": "form.lock",
}


def _people(call: Call) -> dict[str, list[Staff]]:
    """Who has a role in the study beyond today, with their assignments: a role that ends today counts as taken away."""
    call.may("assignment.view")
    found: dict[str, list[Staff]] = {}
    for one in staff(study=call.study.key):
        ending = one.ends and one.ends <= call.today.isoformat()
        if one.standing == "active" and one.role in ROLES and not ending:
            found.setdefault(one.handle, []).append(one)
    return dict(sorted(found.items()))


def _rights(call: Call, permissions: frozenset[str]) -> dict[str, Any]:
    flags: dict[str, Any] = {name: int(bool(need) and need in permissions) for name, need in RIGHTS.items()}
    level = 1 if "form.enter" in permissions else 2 if "form.view" in permissions else 0
    flags["forms"] = dict.fromkeys(call.layout.instruments, level)
    flags["forms_export"] = dict.fromkeys(call.layout.instruments, int("form.view" in permissions))
    return flags


@handles("user")
def export_users(call: Call) -> HttpResponse:
    groups, rows = group_names(call.study.key), []
    for handle, roles in _people(call).items():
        person = Person.objects.filter(handle=handle).first()
        known = handle == call.actor.handle or call.actor.may("person.view", Scope(call.study.key), call.today)
        site = _one_site(roles)
        first, _, last = (person.name if person else "").rpartition(" ")
        row = {
            "username": handle,
            "email": person.email if person and known else "",
            "firstname": first,
            "lastname": last,
            "expiration": max((role.ends for role in roles), default="") if all(role.ends for role in roles) else "",
            "data_access_group": groups.get(site, ""),
            "data_access_group_id": site if site in groups else "",
        }
        permissions = frozenset[str]().union(*(ROLES[role.role].permissions for role in roles))
        rows.append(row | _rights(call, permissions))
    return call.table(rows, names=("users", "item"))


def _one_site(roles: Iterable[Staff]) -> str:
    sites = {role.site for role in roles}
    return sites.pop() if len(sites) == 1 else ""


def _person(name: str, number: int) -> str:
    """The handle of an account by its user name or e-mail address; raises ``Invalid``."""
    found = Person.objects.filter(handle=name).first() or (
        Person.objects.filter(email=name.lower()).first() if "@" in name else None
    )
    if found is None or not found.active:
        accepted = "a user name or e-mail address; an administrator opens accounts"
        raise Invalid([Fault(f"data, row {number}", f"nobody with an account has the name “{name[:100]}”", accepted)])
    return str(found.handle)


@handles("user", "import")
def import_users(call: Call) -> HttpResponse:
    """Give people a role in the study; who has one already stays as they are."""
    call.may("assignment.change")
    there, actions, rows = _people(call), list[Action](), call.rows()
    for number, row in enumerate(rows, start=1):
        handle = _person(str(row.get("username") or ""), number)
        if handle not in there:
            ends = str(row.get("expiration") or "")[:10]
            actions.append(AssignRole(handle, READER, call.study.key, ends=ends, reason=call.reason))
    call.perform(*actions)
    return call.count(len(rows))


@handles("user", "delete")
def delete_users(call: Call) -> HttpResponse:
    """End every role that the named people have in the study."""
    there, actions, names = _people(call), list[Action](), call.listed("users")
    for number, name in enumerate(names, start=1):
        handle = _person(name, number)
        if handle not in there:
            raise Invalid([Fault("users", f"{name[:100]} has no role in this study", ", ".join(there))])
        actions += [EndAssignment(role.key, call.reason, _yesterday(call, role)) for role in there[handle]]
    call.perform(*actions)
    return call.count(len(names))


@handles("userRole")
def export_roles(call: Call) -> HttpResponse:
    """The roles that people of a study can have."""
    call.may("assignment.view")
    rows = [
        {"unique_role_name": role.name, "role_label": str(role.title), **_rights(call, role.permissions)}
        for role in sorted(ROLES.values(), key=lambda role: role.places == "site")
        if role.places in ("study", "site")
    ]
    texts = [{k: str(v) if isinstance(v, int) else v for k, v in row.items()} for row in rows]
    return call.table(texts)


@handles("userRoleMapping")
def export_role_mapping(call: Call) -> HttpResponse:
    groups = group_names(call.study.key)
    rows = [
        {
            "username": handle,
            "unique_role_name": next((r.role for r in roles if ROLES[r.role].places != "service"), ""),
            "data_access_group": groups.get(_one_site(roles), ""),
        }
        for handle, roles in _people(call).items()
    ]
    return call.table(rows)


@handles("userRoleMapping", "import")
def import_role_mapping(call: Call) -> HttpResponse:
    """Put people into a role in place of the one they have. An empty role leaves them as they are."""
    there, rows, actions = _people(call), call.rows(), list[Action]()
    sites = {name: number for number, name in group_names(call.study.key).items()}
    for number, row in enumerate(rows, start=1):
        handle, role = _person(str(row.get("username") or ""), number), str(row.get("unique_role_name") or "")
        mine = there.get(handle, [])
        if not role or role in {one.role for one in mine}:
            continue
        group = str(row.get("data_access_group") or "")
        site = sites.get(group, _one_site(mine))
        actions += [EndAssignment(one.key, call.reason, _yesterday(call, one)) for one in mine]
        actions.append(AssignRole(handle, role, call.study.key, site=site, reason=call.reason))
    call.perform(*actions)
    return call.count(len(rows))


def _yesterday(call: Call, one: Staff) -> str:
    """The earliest last day that an assignment can have."""
    return max((call.today - timedelta(days=1)).isoformat(), one.starts)


@handles("dag")
def export_groups(call: Call) -> HttpResponse:
    mine = {site.number for site in sites_for(call.actor, call.study.key, "study.view", call.today)}
    names = group_names(call.study.key)
    rows = [
        {
            "data_access_group_name": site.name,
            "unique_group_name": names[site.number],
            "data_access_group_id": site.number,
        }
        for site in group_sites(call.study.key)
        if site.number in mine
    ]
    return call.table(
        rows, "data_access_group_name", "unique_group_name", "data_access_group_id", names=("dags", "item")
    )


@handles("dag", "import")
def import_groups(call: Call) -> HttpResponse:
    """Open a site for each new group, or give a site another name."""
    call.may("site.change")
    numbers = {name: number for number, name in group_names(call.study.key).items()}
    every = Site.objects.filter(study=call.study.key)
    free = max((int(site.number) for site in every if site.number.isdecimal()), default=0) + 1
    first = every.order_by("number").first()
    actions: list[Action] = []
    rows = call.rows()
    for place, row in enumerate(rows, start=1):
        title, unique = str(row.get("data_access_group_name") or "").strip(), str(row.get("unique_group_name") or "")
        if not title or (unique and unique not in numbers):
            raise Invalid(
                [Fault(f"data, row {place}", "the name is missing, or there is no such group", ", ".join(numbers))]
            )
        number, free = (numbers[unique], free) if unique else (str(free), free + 1)
        site = every.filter(number=number).first() or first
        country, timezone = (site.country, site.timezone) if site else ("ZZ", "UTC")
        actions.append(OpenSite(call.study.key, number, title[:200], country, timezone))
    call.perform(*actions)
    return call.count(len(rows))


@handles("dag", "delete")
def delete_groups(call: Call) -> HttpResponse:
    """Close the sites; refused where somebody takes part."""
    numbers, gone = {name: number for number, name in group_names(call.study.key).items()}, call.listed("dags")
    if unknown := [name for name in gone if name not in numbers]:
        raise Invalid([Fault("dags", f"there is no group “{unknown[0][:60]}”", ", ".join(numbers))])
    call.perform(*(CloseSite(call.study.key, numbers[name], call.reason) for name in gone))
    return call.count(len(gone))


def _mapping(call: Call) -> dict[str, str]:
    groups = group_names(call.study.key)
    return {handle: groups.get(_one_site(roles), "") for handle, roles in _people(call).items()}


@handles("userDagMapping")
def export_group_mapping(call: Call) -> HttpResponse:
    rows = [{"username": handle, "redcap_data_access_group": group} for handle, group in _mapping(call).items()]
    return call.table(rows, "username", "redcap_data_access_group")


@handles("userDagMapping", "import")
def import_group_mapping(call: Call) -> HttpResponse:
    """Narrow people's roles to a site, or widen them to the study. Who stays where they are is left alone."""
    before, rows = _mapping(call), call.rows()
    there, actions = _people(call), list[Action]()
    sites: Mapping[str, str] = {name: number for number, name in group_names(call.study.key).items()}
    for number, row in enumerate(rows, start=1):
        handle, group = _person(str(row.get("username") or ""), number), str(row.get("redcap_data_access_group") or "")
        if handle not in there or (group and group not in sites):
            raise Invalid([Fault(f"data, row {number}", "there is no such user or group here", ", ".join(sites))])
        if before[handle] == group:
            continue
        for one in there[handle]:
            actions.append(EndAssignment(one.key, call.reason, _yesterday(call, one)))
            place = sites.get(group, "")
            actions.append(AssignRole(handle, one.role, call.study.key, site=place, reason=call.reason))
    call.perform(*actions)
    return call.count(len(rows))
