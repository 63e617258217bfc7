"""Roles and what each allows, as data. Names follow ICH E6(R3) and the trade's habit; a permission is ``room.verb``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Role:
    """``blinded`` roles never hold allocation.read; ``places`` says how narrow an assignment has to be."""

    name: str
    title: Any
    permissions: frozenset[str]
    places: str = "study"  # study | site | installation


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
}
_ALL_STUDY = {"study.publish", "site.change", "assignment.change", "assignment.view"}

ROLES: dict[str, Role] = {
    role.name: role
    for role in (
        Role(
            "site_coordinator", _("Site coordinator"), frozenset(_SITE | {"identity.read", "identity.change"}), "site"
        ),
        Role("site_nurse", _("Site nurse"), frozenset(_SITE), "site"),
        Role(
            "investigator",
            _("Principal investigator"),
            frozenset(
                _SITE
                | {
                    "identity.read",
                    "identity.change",
                    "form.sign",
                    "form.review",
                    "assignment.delegate",
                    "assignment.view",
                }
            ),
            "site",
        ),
        Role(
            "monitor",
            _("Clinical research associate"),
            frozenset(
                _VIEW | {"form.verify", "query.raise", "query.close", "comment.write", "assignment.view", "source.read"}
            ),
        ),
        Role(
            "data_manager",
            _("Data manager"),
            frozenset(
                _VIEW
                | {
                    "query.raise",
                    "query.close",
                    "form.review",
                    "form.freeze",
                    "form.lock",
                    "comment.write",
                    "export.read",
                }
                | {"ledger.export", "assignment.view"}
            ),
        ),
        Role(
            "medical_reviewer",
            _("Medical reviewer"),
            frozenset(_VIEW | {"form.review", "query.raise", "query.close", "comment.write"}),
        ),
        Role("statistician", _("Statistician (blinded)"), frozenset(_VIEW | {"export.read"})),
        Role(
            "unblinded_statistician",
            _("Statistician (unblinded)"),
            frozenset(_VIEW | {"export.read", "allocation.read"}),
        ),
        Role("pharmacist", _("Unblinded pharmacist"), frozenset(_VIEW | {"allocation.read", "form.enter"}), "site"),
        Role("sponsor", _("Sponsor"), frozenset({"study.view", "participant.view", "form.view", "query.view"})),
        Role(
            "inspector",
            _("Inspector or auditor"),
            frozenset(_VIEW | {"ledger.export", "source.read", "assignment.view"}),
        ),
        Role(
            "study_manager",
            _("Study manager"),
            frozenset(_VIEW | _ALL_STUDY | {"ledger.export", "export.read", "query.raise", "comment.write"}),
        ),
        Role(
            "privacy_officer",
            _("Data protection officer"),
            frozenset(
                {"study.view", "participant.view", "audit.view", "identity.erase", "ledger.redact", "ledger.export"}
            ),
        ),
        Role(
            "administrator",
            _("Administrator"),
            frozenset(
                {"person.change", "person.view", "study.view", "assignment.change", "assignment.view", "study.publish"}
            ),
            "installation",
        ),
        Role(
            "import_service",
            _("Import"),
            frozenset(
                _SITE | _ALL_STUDY | {"allocation.read", "form.review", "query.close", "person.change", "import.run"}
            ),
            "installation",
        ),
        Role(
            "system",
            _("Helmont itself"),
            frozenset(
                {"study.view", "assignment.change", "person.change", "study.publish", "site.change", "person.view"}
            ),
            "installation",
        ),
    )
}

PERMISSIONS = frozenset().union(*(role.permissions for role in ROLES.values()))
