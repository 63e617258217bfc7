"""Dictionaries and what is coded with them.

Audited: which dictionaries were loaded (with the hash of their content), which version a study codes with, every coding,
every decision kept. Not audited row by row: the terms of a dictionary (``DictionaryTerm``), whose content the hash in the
ledger holds them to.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record
from helmont.participants.models import Participant


@record("dictionary", _("Coding dictionary"), describe=lambda row: f"{row['name']} {row['version']}")
class Dictionary(LedgerRecord):
    """One version of a dictionary in one language, as loaded. Key ``system/dictionaries/<name>/<version>/<language>``.

    ``sha256`` is the content hash (``helmont.standards.dictionaries.content_hash``); its first 16 digits are ``content``,
    under which the terms lie. ``levels`` are parted by ``/``, the broadest first; ``counts`` go by level.
    """

    name = models.CharField(_("name"), max_length=40)
    version = models.CharField(_("version"), max_length=40)
    language = models.CharField(_("language"), max_length=40)
    kind = models.CharField(_("format"), max_length=20)
    licence = models.TextField(_("licence"), blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content = models.CharField(max_length=16)
    levels = models.CharField(_("levels"), max_length=200)
    counts = models.JSONField(_("terms"), default=dict)

    class Meta:
        db_table = "coding_dictionary"
        verbose_name_plural = "dictionaries"

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class DictionaryTerm(models.Model):
    """One term of a dictionary. ``path`` and ``parents`` hold codes parted by U+001F, the broadest and the primary first."""

    content = models.CharField(max_length=16)
    level = models.CharField(max_length=20)
    code = models.CharField(max_length=200)
    name = models.CharField(max_length=1500)
    path = models.TextField(blank=True)
    parents = models.TextField(blank=True)
    current = models.BooleanField(default=True)
    note = models.CharField(max_length=1500, blank=True)

    class Meta:
        db_table = "coding_term"
        constraints = [models.UniqueConstraint(fields=["content", "level", "code"], name="coding_term_code")]

    def __str__(self) -> str:
        return self.name


@record("dictionary_use", _("Dictionary of the study"), describe=lambda row: row["name"])
class DictionaryUse(LedgerRecord):
    """The version that a study codes with since an upgrade. Key ``STUDY/dictionaries/<id>``; until then the package says."""

    study = models.CharField(max_length=64, db_index=True)
    name = models.CharField(_("dictionary"), max_length=40)
    dictionary = models.CharField(_("version"), max_length=200)

    class Meta:
        db_table = "coding_use"

    def __str__(self) -> str:
        return str(self.key)


@record("coding", _("Coding"), participant="participant", describe=lambda row: row["item"])
class Coding(LedgerRecord):
    """One coded value. Key: that of its form, ``/`` and the item key.

    ``name`` is the dictionary's id in the study, ``dictionary`` the key of the version that ``code`` is of; ``path`` holds,
    by level, code and name as they were when it was coded. ``suggestion`` and ``score`` are the best that was found when
    nothing could be decided; ``note`` says why it is due again.
    """

    study = models.CharField(max_length=64)
    country = models.CharField(_("country"), max_length=2)
    site = models.CharField(_("site"), max_length=20)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="codings")
    form = models.CharField(_("form"), max_length=200, db_index=True)
    item = models.CharField(_("item"), max_length=120)
    name = models.CharField(_("dictionary"), max_length=40)
    dictionary = models.CharField(_("version"), max_length=200, blank=True)
    verbatim = models.TextField(_("verbatim"), blank=True)
    code = models.CharField(_("code"), max_length=200, blank=True)
    term = models.TextField(_("term"), blank=True)
    path = models.JSONField(_("hierarchy"), default=dict)
    stage = models.CharField(_("stage"), max_length=12, blank=True)
    status = models.CharField(_("status"), max_length=12)
    suggestion = models.CharField(_("suggestion"), max_length=200, blank=True)
    score = models.IntegerField(_("score"), default=0)
    note = models.TextField(_("why due"), blank=True)
    by = models.CharField(_("coded by"), max_length=100, blank=True)

    class Meta:
        db_table = "coding"
        indexes = [models.Index(fields=["study", "status", "name"], name="coding_worklist")]

    def __str__(self) -> str:
        return str(self.key)


@record("synonym", _("Coding decision"), describe=lambda row: row["verbatim"])
class Synonym(LedgerRecord):
    """This verbatim always means that term, in this study. Key ``STUDY/synonyms/<id>/<hash of the phrase>``.

    ``phrase`` is the verbatim normalised (``matching.normal``); the ledger keeps what was decided before.
    """

    study = models.CharField(max_length=64, db_index=True)
    name = models.CharField(_("dictionary"), max_length=40)
    phrase = models.TextField(_("phrase"))
    verbatim = models.TextField(_("verbatim"))
    code = models.CharField(_("code"), max_length=200)
    term = models.TextField(_("term"))
    status = models.CharField(_("status"), max_length=12, default="active")

    class Meta:
        db_table = "coding_synonym"

    def __str__(self) -> str:
        return str(self.key)


class ChangedForm(models.Model):
    """The last entry in which a form with coded items changed: counted from the ledger, to be dropped and counted again."""

    form = models.CharField(primary_key=True, max_length=200)
    study = models.CharField(max_length=64)
    sequence = models.BigIntegerField()

    class Meta:
        db_table = "coding_changed_form"
        indexes = [models.Index(fields=["study", "sequence"], name="coding_changed")]

    def __str__(self) -> str:
        return self.form


class Followed(models.Model):
    """How far the codings of a study follow its forms. ``declared`` names what is coded and with what; when that changes,
    every form is looked at again."""

    study = models.CharField(primary_key=True, max_length=64)
    sequence = models.BigIntegerField(default=0)
    declared = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "coding_followed"

    def __str__(self) -> str:
        return self.study
