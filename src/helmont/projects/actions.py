"""Making a project, changing its design, giving a token for it, and doing several steps as one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from helmont.core.actions import Action, authorise
from helmont.core.errors import Fault, Invalid
from helmont.core.ledger.store import SYSTEM_LOG
from helmont.core.people.models import Person
from helmont.core.permissions import Actor, Scope
from helmont.core.records import Row
from helmont.core.rows import Read
from helmont.core.transactions import Transaction
from helmont.projects.design import Design, DesignFault, to_study
from helmont.studies.actions import OpenSite, PublishDefinition
from helmont.study.faults import StudyFaults
from helmont.study.model import Study
from helmont.study.publishing import from_document, to_document

OWNER = "project_owner"
MAIN_SITE = "1"
"""Where the records lie that belong to no data access group."""


def project_key(study: str) -> str:
    return f"{study}/project"


def definition_of(design: Design, study: str, version: str) -> Study:
    """The definition that a design amounts to, checked like any other; raises ``Invalid``."""
    try:
        return from_document(to_document(to_study(design, study, version)))
    except DesignFault as fault:
        raise Invalid([Fault("design", str(fault))]) from None
    except StudyFaults as faults:
        found = [Fault(f.place or "design", f.message, f.accepted) for f in faults.faults if f.severity == "error"]
        raise Invalid(found) from None


def columns_of(design: Design) -> dict[str, Any]:
    """The design as the columns of a project's row. The order of things is kept beside them, since maps have none."""
    return {
        "title": design.title[:200],
        "record_field": design.record_field,
        "settings": {**design.settings, "longitudinal": "1" if design.longitudinal else "0"},
        "forms": {name: {"label": label, "order": n} for n, (name, label) in enumerate(design.forms.items())},
        "fields": {name: {**row, "order": n} for n, (name, row) in enumerate(design.fields.items())},
        "arms": {str(number): name for number, name in design.arms.items()},
        "events": {name: {**event, "order": n} for n, (name, event) in enumerate(design.events.items())},
        "mapping": {f"{event}|{form}": True for event, form in design.mapping},
        "repeating": {f"{event}|{form}": label for (event, form), label in design.repeating.items()},
    }


@dataclass(frozen=True)
class CreateProject(Action):
    """A new study from a design, with its site and the one person whose it is.

    For trying and for small studies: the person enters, designs and gives out rights, which no role of a trial allows.
    """

    name: ClassVar[str] = "projects.create"
    permission: ClassVar[str] = "study.publish"
    study: str
    design: Design
    country: str = "ZZ"

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        if tx.get("study", self.study):
            raise Invalid([Fault("study", _("There is a study of this id already."), _("another id"))])
        result = PublishDefinition(definition_of(self.design, self.study, "1")).perform(tx, actor)
        tx.put("project", project_key(self.study), study=self.study, **columns_of(self.design))
        OpenSite(self.study, MAIN_SITE, self.design.title[:200], self.country).perform(tx, actor)
        tx.put(
            "assignment",
            f"{self.study}/assignments/{tx.sequence}",
            person=actor.handle,
            role=OWNER,
            study=self.study,
            starts=tx.today.isoformat(),
            delegated_by=actor.handle,
        )
        return {"study": self.study, **result}


@dataclass(frozen=True)
class ChangeProject(Action):
    """Another design for a project: the next version of its definition, which its participants are put under."""

    name: ClassVar[str] = "projects.change"
    permission: ClassVar[str] = "study.publish"
    study: str
    design: Design

    @property
    def log(self) -> str:
        return self.study

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        before = tx.require("project", project_key(self.study))
        columns = columns_of(self.design)
        if all(before[name] == value for name, value in columns.items()):
            return {"study": self.study, "definition": tx.require("study", self.study)["definition"]}
        version = str(len(tx.find("definition", "study", self.study)) + 1)
        result = PublishDefinition(definition_of(self.design, self.study, version)).perform(tx, actor)
        tx.put("project", project_key(self.study), **columns)
        for participant in tx.find("participant", "study", self.study):
            tx.put("participant", participant["key"], definition=version)
        return {"study": self.study, **result}


@dataclass(frozen=True)
class CreateProjectToken(Action):
    """A token for a project, given to whoever made it: an administrator, by a token of their own."""

    name: ClassVar[str] = "projects.create_token"
    permission: ClassVar[str] = "study.publish"
    study: str
    digest: str

    @property
    def log(self) -> str:
        return SYSTEM_LOG

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        tx.require("person", Person.key_of(actor.handle))
        key = f"{SYSTEM_LOG}/tokens/{tx.sequence}"
        tx.put("token", key, person=actor.handle, label=self.study, digest=self.digest, study=self.study)
        return {"token": key}


@dataclass(frozen=True)
class Steps(Action):
    """Several actions about one participant as one change: all of them or none. Each needs its own permission."""

    name: ClassVar[str] = "projects.import_record"
    permission: ClassVar[str] = "study.view"
    steps: tuple[Action, ...]
    reason: str = ""

    @property
    def log(self) -> str:
        return self.steps[0].log

    def reads(self) -> Iterable[Read]:
        return [read for step in self.steps for read in step.reads()]

    def scope(self, tx: Transaction) -> Scope:
        return self.steps[0].scope(tx)

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        for step in self.steps:
            authorise(step, tx, actor)
            step.perform(tx, actor)
        return {"key": self.log}


@dataclass(frozen=True)
class RepositoryAction(Action):
    """Base of what is done to a study's repository of files."""

    permission: ClassVar[str] = "repository.change"
    study: str

    @property
    def log(self) -> str:
        return self.study

    def add(self, tx: Transaction, folder: str, **columns: Any) -> int:
        tx.require("study", self.study)
        if folder:
            inside = tx.get("repository_file", f"{self.study}/repository/{folder}")
            if inside is None or inside["sha256"] or inside["removed"]:
                raise Invalid([Fault("folder_id", _("There is no such folder."), _("the number of a folder"))])
        name = columns["name"]
        if not name.strip() or len(name) > 255 or "/" in name or "\\" in name:
            raise Invalid([Fault("name", _("This is not a file's name."), _("at most 255 characters, no slashes"))])
        number = len(tx.find("repository_file", "study", self.study)) + 1
        key = f"{self.study}/repository/{number}"
        tx.put("repository_file", key, study=self.study, number=number, folder=folder, **columns)
        return number


@dataclass(frozen=True)
class AddFolder(RepositoryAction):
    name: ClassVar[str] = "projects.add_folder"
    title: str = ""
    folder: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        return {"number": self.add(tx, self.folder, name=self.title)}


@dataclass(frozen=True)
class AddFile(RepositoryAction):
    """A file whose content is kept already, under its hash."""

    name: ClassVar[str] = "projects.add_file"
    title: str = ""
    folder: str = ""
    sha256: str = field(default="", repr=False)
    size: int = 0

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        return {"number": self.add(tx, self.folder, name=self.title, sha256=self.sha256, size=self.size)}


@dataclass(frozen=True)
class RemoveFile(RepositoryAction):
    """Take a file out of the repository; its row and content stay in the record."""

    name: ClassVar[str] = "projects.remove_file"
    number: str = ""

    def perform(self, tx: Transaction, actor: Actor) -> dict[str, Any]:
        row: Row = tx.require("repository_file", f"{self.study}/repository/{self.number}")
        if row["removed"] or not row["sha256"]:
            raise Invalid([Fault("doc_id", _("There is no such file."), _("the number of a file"))])
        tx.put("repository_file", row["key"], removed=True)
        return asdict(self)
