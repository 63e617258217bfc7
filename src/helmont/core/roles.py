"""Roles and what each allows, as data. Names follow ICH E6(R3) and the trade's habit; a permission is ``room.verb``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Role:
    """One role.

    ``places`` says how narrow an assignment has to be: a ``site``; a ``study`` (or a country or site of it); the whole
    ``installation``; or ``service``, which no person can be assigned.
    ``blinded`` people must not know allocations, and so may not hold an unblinded role of the same study either.
    """

    name: str
    title: Any
    permissions: frozenset[str]
    places: str = "study"
    blinded: bool = False

    @property
    def unblinded(self) -> bool:
        return "allocation.read" in self.permissions


_VIEW = {"study.view", "participant.view", "form.view", "query.view", "audit.view"}
_SITE = _VIEW | {
    "participant.screen",
    "participant.change",
    "encounter.change",
    "form.enter",
    "query.answer",
    "query.raise",
    "comment.write",
    "source.read",
    "samples.view",
    "device.assign",
    "device.acknowledge",
}
# Who knows the participants also offers pseudonymised copies of their documents, and takes them back.
_IDENTITY = {"identity.read", "identity.change", "source.offer", "source.withdraw"}
_MONITOR = _VIEW | {
    "form.verify",
    "query.raise",
    "query.close",
    "comment.write",
    "assignment.view",
    "source.read",
    "listing.read",
    "samples.view",
}
# Whoever names a data cut puts their name under it; others of these roles may sign it too.
_CUT = {"cut.make", "cut.sign"}
_ANALYSE = {"listing.read", "listing.share", "export.read", "snapshot.make", "dataset.read", "samples.view"} | _CUT
# Data management freezes and locks; opening a hard lock, and locking the study, takes the study manager.
_HOLD = {"form.freeze", "form.lock", "form.unlock", "study.lock"}
# What verbatims were coded to; ``dictionary.read`` opens the dictionary itself, which a licence covers.
_CODINGS = {"coding.view"}
_MANAGE = {"study.publish", "site.change", "assignment.change", "assignment.view"}
_AMEND = {"amendment.plan", "amendment.approve", "amendment.run"}


def _role(
    name: str, title: Any, permissions: set[str], places: str = "study", blinded: bool = False
) -> tuple[str, Role]:
    return name, Role(name, title, frozenset(permissions), places, blinded)


ROLES: dict[str, Role] = dict(
    (
        # At the site. Identities are known here and nowhere else.
        _role("site_coordinator", _("Site coordinator"), _SITE | _IDENTITY, "site", blinded=True),
        _role("site_nurse", _("Site nurse"), _SITE, "site", blinded=True),
        _role(
            "sub_investigator",
            _("Sub-investigator"),
            _SITE | _IDENTITY | {"form.sign", "form.review", "assignment.view", "copy.certify", "labs.acknowledge"},
            "site",
            blinded=True,
        ),
        _role(
            "investigator",
            _("Principal investigator"),
            _SITE
            | _IDENTITY
            | {
                "form.sign",
                "form.review",
                "assignment.delegate",
                "assignment.view",
                "copy.certify",
                "labs.acknowledge",
            },
            "site",
            blinded=True,
        ),
        _role(
            "pharmacist",
            _("Unblinded pharmacist"),
            _VIEW | {"allocation.read", "form.enter", "query.answer"},
            "site",
        ),
        # At the sponsor or its contract research organisation.
        _role("monitor", _("Clinical research associate"), _MONITOR | _CODINGS, blinded=True),
        _role(
            "unblinded_monitor", _("Unblinded clinical research associate"), _MONITOR | _CODINGS | {"allocation.read"}
        ),
        _role(
            "data_manager",
            _("Data manager"),
            _VIEW
            | {
                "query.raise",
                "query.close",
                "form.review",
                "form.freeze",
                "form.lock",
                "double_entry.adjudicate",
                "comment.write",
                "ledger.export",
                "amendment.plan",
                "assignment.view",
                "dictionary.read",
                "repository.read",
                "labs.change",
                "labs.import",
                "data.import",
                "device.change",
                "device.assign",
                "device.acknowledge",
                "samples.correct",
                "results.enter",
            }
            | _CODINGS
            | _ANALYSE,
            blinded=True,
        ),
        _role(
            "medical_coder",
            _("Medical coder"),
            _VIEW
            | _CODINGS
            | {"coding.code", "coding.approve", "coding.upgrade", "dictionary.read", "query.raise", "comment.write"},
            blinded=True,
        ),
        _role(
            "medical_reviewer",
            _("Medical reviewer"),
            _VIEW
            | _CODINGS
            | {"form.review", "query.raise", "query.close", "comment.write", "dictionary.read", "labs.acknowledge"}
            | {"listing.read", "listing.share", "samples.view", "device.acknowledge"},
            blinded=True,
        ),
        _role(
            "safety_physician",
            _("Safety physician"),
            _VIEW
            | _CODINGS
            | {"query.raise", "query.close", "comment.write", "dictionary.read", "labs.acknowledge"}
            | {"listing.read", "listing.share", "samples.view", "device.acknowledge"},
            blinded=True,
        ),
        _role("statistician", _("Statistician (blinded)"), _VIEW | _CODINGS | _ANALYSE, blinded=True),
        _role(
            "unblinded_statistician",
            _("Statistician (unblinded)"),
            _VIEW | _CODINGS | _ANALYSE | {"allocation.read"},
        ),
        _role("study_designer", _("Study designer"), {"study.view", "study.publish"}, blinded=True),
        _role(
            "study_manager",
            _("Study manager"),
            _VIEW
            | _MANAGE
            | _HOLD
            | _AMEND
            | _CODINGS
            | _ANALYSE
            | {
                "ledger.export",
                "query.raise",
                "comment.write",
                "verification.plan",
                "repository.read",
                "repository.change",
                "device.change",
                "device.assign",
            },
            blinded=True,
        ),
        _role(
            "sponsor",
            _("Sponsor"),
            {"study.view", "participant.view", "form.view", "query.view", "dataset.read"},
            blinded=True,
        ),
        # Oversight. Neither blinded nor unblinded: whoever may know allocations is assigned an unblinded role as well.
        _role(
            "inspector",
            _("Inspector or auditor"),
            _VIEW
            | _CODINGS
            | {"ledger.export", "source.read", "assignment.view", "repository.read", "listing.read", "dataset.read"}
            | {"samples.view"},
        ),
        _role(
            "privacy_officer",
            _("Data protection officer"),
            {"study.view", "participant.view", "audit.view", "identity.erase", "ledger.redact", "ledger.export"},
        ),
        _role(
            "administrator",
            _("Administrator"),
            {
                "person.change",
                "person.view",
                "study.view",
                "assignment.change",
                "assignment.view",
                "study.publish",
                "dictionary.load",
            },
            "installation",
        ),
        # Not for people to be assigned. ``account_holder`` is what everybody with an account is: in charge of it.
        # Whoever makes a project over the REDCap-compatible API builds it, enters into it and gives out its rights alone.
        _role(
            "project_owner",
            _("Owner of a project"),
            _SITE | _MANAGE | {"export.read", "repository.read", "repository.change"},
            "service",
            blinded=True,
        ),
        _role("account_holder", _("Account holder"), {"account.change"}, "service"),
        _role("export_service", _("Export"), _VIEW | {"export.read"}, "service", blinded=True),
        _role(
            "import_service",
            _("Import"),
            _SITE
            | _MANAGE
            | {"allocation.read", "form.review", "query.close", "person.change", "import.run"}
            | {"coding.code", "labs.change", "labs.import"},
            "service",
        ),
        _role("device", _("Device"), {"samples.send"}, "service", blinded=True),
        _role("coding_service", _("Auto-coding"), {"study.view", "coding.run"}, "service"),
        _role(
            "system",
            _("Helmont itself"),
            {
                "study.view",
                "assignment.change",
                "person.change",
                "study.publish",
                "site.change",
                "person.view",
                "account.change",
                "dictionary.load",
                "amendment.run",
                "source.withdraw",
                "labs.notify",
                "device.notify",
                "results.enter",
            },
            "service",
        ),
    )
)

PERMISSIONS = frozenset().union(*(role.permissions for role in ROLES.values()))

# Tasks an investigator delegates (ICH E6(R3) 2.3.3 and Appendix C: record of authorised persons and delegated tasks).
TASKS: dict[str, Any] = {
    "informed_consent": _("Obtain informed consent"),
    "eligibility": _("Confirm eligibility"),
    "medical_history": _("Medical history"),
    "physical_examination": _("Physical examination"),
    "vital_signs": _("Vital signs and measurements"),
    "assessments": _("Trial assessments and questionnaires"),
    "adverse_events": _("Assess adverse events"),
    "laboratory_review": _("Review laboratory results"),
    "sample_collection": _("Collect and process samples"),
    "randomisation": _("Randomise participants"),
    "product_dispensing": _("Dispense investigational product"),
    "product_accountability": _("Investigational product accountability"),
    "data_entry": _("Enter data"),
    "query_resolution": _("Answer queries"),
    "essential_records": _("Keep essential records"),
}
