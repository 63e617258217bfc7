"""What a REDCap client designed, word for word, and the files of a study's repository."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record


@record("project", _("Project"), describe=lambda row: row["title"])
class Project(LedgerRecord):
    """The design from which a study's definition is made, as its client wrote it. Key ``STUDY/project``.

    ``fields`` holds the lines of the data dictionary by field name, ``forms`` the instruments' labels, ``arms`` their
    names by number, ``events`` by unique name, ``mapping`` which instruments belong to which event (``event|form``) and
    ``repeating`` those of them that repeat.
    """

    study = models.CharField(max_length=64, db_index=True)
    title = models.CharField(_("title"), max_length=200)
    record_field = models.CharField(_("record's field"), max_length=100)
    settings = models.JSONField(_("settings"), default=dict)
    forms = models.JSONField(_("instruments"), default=dict)
    fields = models.JSONField(_("data dictionary"), default=dict)
    arms = models.JSONField(_("arms"), default=dict)
    events = models.JSONField(_("events"), default=dict)
    mapping = models.JSONField(_("instruments by event"), default=dict)
    repeating = models.JSONField(_("repeating instruments"), default=dict)

    class Meta:
        db_table = "project"

    def __str__(self) -> str:
        return self.title


@record("repository_file", _("File of the repository"), describe=lambda row: row["name"])
class RepositoryFile(LedgerRecord):
    """A file or folder of a study's repository. Key ``STUDY/repository/<number>``; a folder has no ``sha256``.

    ``folder`` is the number of the folder it lies in, empty at the top. One that was removed keeps its row.
    """

    study = models.CharField(max_length=64, db_index=True)
    number = models.IntegerField(_("number"), default=0)
    folder = models.CharField(_("folder"), max_length=20, blank=True)
    name = models.CharField(_("name"), max_length=255)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.IntegerField(_("size"), default=0)
    removed = models.BooleanField(_("removed"), default=False)

    class Meta:
        db_table = "repository_file"

    def __str__(self) -> str:
        return self.name
