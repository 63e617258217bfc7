"""Studies, the versions of their definition and a version itself."""

from __future__ import annotations

from helmont.api.rws.call import Call, version_of, versions
from helmont.api.rws.xml import add_study, document, mark, text
from helmont.standards.odm.metadata import study_element
from helmont.standards.odm.xml import Element, add
from helmont.studies.queries import compiled, studies_for
from helmont.study.compiling import CompiledStudy

FORMATS = {
    "date": "dd MMM yyyy",
    "partialDate": "dd MMM yyyy",
    "incompleteDate": "dd MMM yyyy",
    "partialDatetime": "dd MMM yyyy HH:nn",
    "incompleteDatetime": "dd MMM yyyy HH:nn",
    "partialTime": "HH:nn",
}
PLAIN = {
    "partialDate": "date",
    "incompleteDate": "date",
    "partialDatetime": "datetime",
    "incompleteDatetime": "datetime",
    "partialTime": "time",
}


def list_studies(call: Call, environment: bool = True) -> bytes:
    """The studies in which the person has a role, with the environment in their OIDs or without."""
    root = document()
    for study in studies_for(call.actor, call.today):
        title = compiled(study.key, study.definition).study.title.get(call.actor.language)[0]
        add_study(root, study.key, title, "" if environment else study.key)
    return text(root)


def list_nothing(_call: Call) -> bytes:
    """There are no libraries besides studies."""
    return text(document("Metadata"))


def list_versions(call: Call, named: str, drafts: bool = False) -> bytes:
    """The published versions, newest first. Drafts are not kept: a study package is the draft."""
    study = call.study(named)
    root = document("Metadata")
    element = add_study(root, study.key, str(compiled(study.key, study.definition).study.title), study.key)
    if not drafts:
        for number, version in reversed(versions(study.key).items()):
            add(element, "MetaDataVersion", OID=str(number), Name=version)
    return text(root)


def read_version(call: Call, named: str, number: str) -> bytes:
    """One version as ODM metadata."""
    study = call.study(named)
    return text(_metadata(version_of(study, number), number))


def read_current(call: Call, named: str) -> bytes:
    """The version that new participants start under."""
    study = call.study(named)
    number = next(str(number) for number, name in versions(study.key).items() if name == study.definition)
    return text(_metadata(compiled(study.key, study.definition), number))


def _metadata(study: CompiledStudy, number: str) -> Element:
    root = document("Metadata")
    element = study_element(study.study)
    root.append(element)
    for definition in element.iter("{*}MetaDataVersion"):
        definition.set("OID", number)
    for item in element.iter("{*}ItemDef"):
        kind = item.get("DataType", "")
        if kind in FORMATS:
            item.set("DataType", PLAIN.get(kind, kind))
            mark(item, DateTimeFormat=FORMATS[kind])
        item.attrib.pop("SignificantDigits", "")  # with it, rwscmd does not generate a number
    return root
