"""Making a study, publishing its definition, opening sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from helmont.core.actions import Action
from helmont.core.errors import Fault, Invalid, ReasonRequired, Refused
from helmont.core.permissions import Actor
from helmont.core.transactions import Transaction
from helmont.studies.models import Definition
from helmont.studies.queries import compiled
from helmont.study.model import Study as StudyDefinition
from helmont.study.publishing import canonical_json, content_hash
from helmont.study.sensing import check_sensors_against


@dataclass(frozen=True)
class PublishDefinition(Action):
    """Publish one version of a study's definition; the first one makes the study.

    A published version never changes: publishing the same content again changes nothing, other content under
    the same version is refused. New participants start under it at once, unless it ``amends``: then an amendment
    brings it into use, site by site. Channels of devices and versions of endpoints mean the same in every version.
    """

    name: ClassVar[str] = "studies.publish_definition"
    permission: ClassVar[str] = "study.publish"
    definition: StudyDefinition
    amends: bool = False

    @property
    def log(self) -> str:
        return self.definition.id

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        definition = self.definition
        digest = content_hash(definition)
        key = f"{definition.id}/definitions/{definition.version}"
        there = tx.get("definition", key)
        if there is not None:
            if there["sha256"] != digest:
                raise Refused(
                    _(
                        "Version %(version)s of %(study)s is published already with other content; give this one another version."
                    )
                    % {"version": definition.version, "study": definition.id},
                    published=there["sha256"],
                    given=digest,
                )
            return {"definition": key, "sha256": digest}
        self._refuse_other_channels()
        tx.subject = f"study:{definition.id}"
        tx.put(
            "definition",
            key,
            study=definition.id,
            version=definition.version,
            sha256=digest,
            document=canonical_json(definition).decode(),
        )
        study = tx.get("study", definition.id)
        if self.amends and study is not None:
            return {"definition": key, "sha256": digest}
        tx.put(
            "study",
            definition.id,
            title=dict(definition.title.by_language),
            sponsor=definition.sponsor or "",
            phase=definition.phase or "",
            definition=definition.version,
        )
        return {"definition": key, "sha256": digest}

    def _refuse_other_channels(self) -> None:
        """Samples that came are read by their channel: no version may say something else of one that there is."""
        if self.definition.sensors is None:
            return
        study = self.definition.id
        versions = Definition.objects.filter(study=study).order_by("revision").values_list("version", flat=True)
        found = [
            fault
            for version in versions
            for fault in check_sensors_against(compiled(study, version).study, self.definition)
        ]
        if found:
            raise Invalid([Fault(each.place, each.message, each.accepted) for each in found])


@dataclass(frozen=True)
class OpenSite(Action):
    """Open a site of the study, or correct what is known of it."""

    name: ClassVar[str] = "studies.open_site"
    permission: ClassVar[str] = "site.change"
    study: str
    number: str
    title: str
    country: str
    timezone: str = "UTC"

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> str:
        tx.require("study", self.study)
        if not self.number.isalnum():
            raise Invalid([Fault("number", _("A site's number is made of letters and digits."), "701")])
        if len(self.country) != 2 or not self.country.isalpha():
            raise Invalid([Fault("country", _("The country is not a code of ISO 3166."), "BE, NL, US …")])
        if self.timezone not in available_timezones():
            raise Invalid([Fault("timezone", _("There is no such time zone."), "Europe/Brussels")])
        key = f"{self.study}/sites/{self.number}"
        tx.put(
            "site",
            key,
            study=self.study,
            number=self.number,
            name=self.title,
            country=self.country.upper(),
            timezone=self.timezone,
            status="active",
        )
        return key


@dataclass(frozen=True)
class CloseSite(Action):
    """Close a site that nobody takes part in; it can be opened again."""

    name: ClassVar[str] = "studies.close_site"
    permission: ClassVar[str] = "site.change"
    study: str
    number: str
    reason: str

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> str:
        site = tx.require("site", f"{self.study}/sites/{self.number}")
        if not self.reason.strip():
            raise ReasonRequired
        if any(row["site"] == self.number for row in tx.find("participant", "study", self.study)):
            raise Refused(_("Somebody takes part at this site; it cannot be closed."), site=self.number)
        tx.put("site", site["key"], status="closed")
        return str(site["key"])
