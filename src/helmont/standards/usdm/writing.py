"""A study definition of ours as a USDM 4.0 document.

What USDM has attributes for goes there; what it has no place for (forms, edit checks, translations, the objectives of an
activity) goes into extension attributes beside it. A part that USDM's attributes would not give back as it was, such as
an estimand without an endpoint, is kept whole in the design's extension, so that reading a written document gives an
equal study.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from helmont import __version__
from helmont.standards.usdm.building import Builder, Object
from helmont.standards.usdm.codes import TITLES
from helmont.standards.usdm.reading import read_usdm
from helmont.standards.usdm.writing_design import DesignWriter
from helmont.standards.usdm.writing_schedule import write_schedule
from helmont.study.model import Study
from helmont.study.publishing import to_document

USDM_VERSION = "4.0.0"
_SPONSOR_TYPE = ("C70793", "Clinical Study Sponsor")
_REGISTRY_TYPE = ("C93453", "Clinical Study Registry")
_WRITTEN = frozenset(
    [
        "format",
        "id",
        "version",
        "title",
        "short_title",
        "public_title",
        "acronym",
        "sponsor",
        "phase",
        "identifiers",
        "protocol",
        "forms",
    ]
)
_WRITTEN_OF_PROTOCOL = frozenset(
    [
        "encounters",
        "activities",
        "schedule",
        "epochs",
        "elements",
        "arms",
        "objectives",
        "estimands",
        "population",
        "eligibility",
    ]
)
"""The parts of a study that have a place in the document; every other part is kept in the design's extension."""
_NOT_STATED = "Not recorded in Helmont"


def write_usdm(study: Study) -> bytes:
    """The document as JSON, ending in a line feed; ids are the same for the same study."""
    document = to_document(study)
    protocol = document["protocol"]
    kept = {key: value for key, value in document.items() if key not in _WRITTEN}
    kept["protocol"] = {key: value for key, value in protocol.items() if key not in _WRITTEN_OF_PROTOCOL}
    data = _encode(_wrapper(study, kept))
    back = read_usdm(data, "written.json").study
    if back != study:
        other = to_document(back) if back else {"protocol": {}}
        kept |= {key: value for key, value in document.items() if key not in ("protocol", "forms", "format")
                 and other.get(key) != value}  # fmt: skip
        kept["protocol"] |= {key: value for key, value in protocol.items() if other["protocol"].get(key) != value}
        data = _encode(_wrapper(study, kept))
    return data


def _encode(document: Object) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _wrapper(study: Study, kept: Mapping[str, Any]) -> Object:
    builder = Builder(study.languages[0])
    version = _version(builder, study, kept)
    root = builder.make("Study", name=study.id, label=str(study.title), versions=[version], documentedBy=[])
    return {"study": root, "usdmVersion": USDM_VERSION, "systemName": "Helmont", "systemVersion": __version__}


def _version(builder: Builder, study: Study, kept: Mapping[str, Any]) -> Object:
    sponsor = None
    organizations: list[Object] = []
    if study.sponsor:
        sponsor = _organization(builder, "SPONSOR", study.sponsor, _SPONSOR_TYPE)
        organizations.append(sponsor)
    identifiers = []
    for identifier in study.identifiers:
        scope = sponsor if identifier.type == "sponsor" else None
        if scope is None:
            scope = _organization(builder, identifier.type, identifier.type, _REGISTRY_TYPE)
            organizations.append(scope)
        extensions = {"type": identifier.type}
        made = builder.make("StudyIdentifier", extensions, text=identifier.value, scopeId=scope["id"])
        identifiers.append(made)
    forms = to_document(study)["forms"]
    surrogates = {
        form.id: builder.make(
            "BiomedicalConceptSurrogate",
            {"form": own},
            name=form.id,
            label=str(form.title),
            description=f"The form {form.id} with {sum(1 for _ in form.items())} items",
            reference="None set",
        )
        for form, own in zip(study.forms, forms, strict=True)
    }
    writer = DesignWriter(builder, study)
    design = writer.design()
    design |= write_schedule(builder, study, writer.ids, surrogates)
    design["extensionAttributes"] += builder.make("StudyDesign", {"study": dict(kept)})["extensionAttributes"]
    version = builder.make(
        "StudyVersion",
        versionIdentifier=study.version,
        rationale=_NOT_STATED,
        titles=_titles(builder, study),
        studyIdentifiers=identifiers,
        organizations=organizations,
        studyDesigns=[design],
        eligibilityCriterionItems=writer.criterion_items,
        studyInterventions=list(writer.interventions.values()),
        bcSurrogates=list(surrogates.values()),
    )
    version["roles"] = []
    if sponsor is not None:
        version["roles"] = [
            builder.make(
                "StudyRole",
                name="SPONSOR",
                code=builder.code(("C70793", "Sponsor")),
                appliesToIds=[version["id"]],
                organizationIds=[sponsor["id"]],
            )
        ]
    return version


def _organization(builder: Builder, name: str, label: str, kind: tuple[str, str]) -> Object:
    coded = builder.code(kind)
    return builder.make(
        "Organization", name=name, label=label, type=coded, identifierScheme="Not recorded", identifier=name
    )


def _titles(builder: Builder, study: Study) -> list[Object]:
    titles = []
    for name, coded in TITLES.items():
        text = getattr(study, name)
        if text is None:
            continue
        attributes, extensions = ({"text": text}, {}) if isinstance(text, str) else builder.texts(text=text)
        titles.append(builder.make("StudyTitle", extensions, **attributes, type=builder.code(coded)))
    return titles
