"""Sites, people and encounters of a study, as rwslib's ODM adapter reads them."""

from __future__ import annotations

from helmont.api.rws.call import Call, study_oid, versions
from helmont.api.rws.xml import add_study, document, mark, text
from helmont.core.errors import NotPermitted
from helmont.core.people.queries import staff
from helmont.core.roles import ROLES
from helmont.standards.odm.names import event_oid
from helmont.standards.odm.xml import add
from helmont.studies.queries import compiled, sites_for, studies_for


def sites(call: Call) -> bytes:
    """The sites that the person may see, of one study or of all."""
    named = [call.study_in_query] if call.query.get("studyoid") else studies_for(call.actor, call.today)
    root = document("AdminData")
    for study in named:
        data = add(root, "AdminData", StudyOID=study_oid(study.key))
        current = next(str(number) for number, name in versions(study.key).items() if name == study.definition)
        for site in sites_for(call.actor, study.key, "study.view", call.today):
            location = add(data, "Location", OID=site.number, Name=site.name, LocationType="Site")
            mark(location, Active="No" if site.status == "closed" else "Yes")
            add(
                location,
                "MetaDataVersionRef",
                StudyOID=study_oid(study.key),
                MetaDataVersionOID=current,
                EffectiveDate=call.today.isoformat(),
            )
    return text(root)


def users(call: Call) -> bytes:
    """Who has a role in the study today, at one site where that is asked for."""
    study = call.study_in_query
    if not call.actor.places("assignment.view", study.key, call.today):
        raise NotPermitted("You may not see who works in this study.", permission="assignment.view")
    wanted = call.query.get("locationoid", "")
    root = document("AdminData")
    data = add(root, "AdminData", StudyOID=study_oid(study.key))
    seen: set[str] = set()
    for one in staff(study=study.key):
        if one.standing == "active" and one.role in ROLES and wanted in ("", one.site) and one.handle not in seen:
            seen.add(one.handle)
            user = add(data, "User", OID=one.handle, UserType="Investigator" if "investigator" in one.role else "Other")
            add(user, "LoginName", one.handle)
            add(user, "DisplayName", one.name)
            if one.site:
                add(user, "LocationRef", LocationOID=one.site)
    return text(root)


def folders(call: Call) -> bytes:
    """The encounters of every version of the study."""
    study = call.study_in_query
    root = document("Metadata")
    element = add_study(root, study.key, study.key)
    for number, version in versions(study.key).items():
        metadata = add(element, "MetaDataVersion", OID=str(number), Name=version)
        protocol = add(metadata, "Protocol")
        encounters = compiled(study.key, version).study.protocol.encounters
        for order, one in enumerate(encounters, start=1):
            place = {"StudyEventOID": event_oid(one.id), "OrderNumber": str(order)}
            add(protocol, "StudyEventRef", **place, Mandatory="No" if one.optional else "Yes")
        for one in encounters:
            kind = {"Repeating": "No", "Type": "Scheduled"}
            add(metadata, "StudyEventDef", OID=event_oid(one.id), Name=str(one.label), **kind)
    return text(root)
