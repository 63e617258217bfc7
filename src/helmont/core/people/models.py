"""People with an account, what they were assigned, and the tokens that act for them."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.ledger.store import SYSTEM_LOG
from helmont.core.records import LedgeredQuerySet, LedgerRecord, record, record_type
from helmont.core.roles import ROLES


class PersonManager(BaseUserManager.from_queryset(LedgeredQuerySet)):  # type: ignore[misc]  # made at run time
    """Looks people up for allauth; refuses to write, like the manager of every record."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        person: Person = self.get(handle=username)
        return person


@record("person", _("Person"), describe=lambda row: row["name"])
class Person(AbstractBaseUser, LedgerRecord):
    """An account. Key ``system/<handle>``; the handle is its name in the ledger (``els.peeters``), given once."""

    unaudited = frozenset({"password", "last_login"})

    # A row is made without its unaudited columns; "!" is a hash that no password has.
    password = models.CharField(_("password"), max_length=128, db_default="!")
    handle = models.CharField(_("user name"), max_length=100, unique=True)
    name = models.CharField(_("name"), max_length=200)
    email = models.CharField(_("e-mail"), max_length=254, blank=True, db_index=True)
    language = models.CharField(_("language"), max_length=5, default="en")
    timezone = models.CharField(_("time zone"), max_length=60, default="Europe/Brussels")
    active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[PersonManager] = PersonManager()
    USERNAME_FIELD = "handle"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "core_person"
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name or self.handle

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the password and the last sign-in.

        Libraries call a plain ``save()`` after setting a password; that is taken to mean these two columns, provided
        that nothing else of the row differs. Raises ``Unaudited`` otherwise.
        """
        if not kwargs.get("update_fields"):
            audited = {name: getattr(self, name) for name in record_type("person").columns}
            if Person.objects.filter(pk=self.pk, **audited).exists():
                kwargs["update_fields"] = self.unaudited
        super().save(*args, **kwargs)

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's name for our audited column
        return self.active

    def get_full_name(self) -> str:
        return self.name

    @staticmethod
    def key_of(handle: str) -> str:
        return f"{SYSTEM_LOG}/{handle}"


@record("assignment", _("Assignment"), describe=lambda row: f"{row['person']} · {ROLES[row['role']].title}")
class Assignment(LedgerRecord):
    """One role of one person in one place and period. Key ``STUDY/assignments/<n>`` or ``system/assignments/<n>``.

    ``ends`` is the last day; an assignment is ended, never removed. ``delegated_by`` is the investigator who delegated
    the tasks (ICH E6(R3) 2.3.3), or who assigned the role.
    """

    person = models.CharField(_("person"), max_length=100, db_index=True)
    role = models.CharField(_("role"), max_length=40)
    study = models.CharField(_("study"), max_length=64, db_index=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    site = models.CharField(_("site"), max_length=120, blank=True)
    starts = models.CharField(_("from"), max_length=10, blank=True)
    ends = models.CharField(_("until"), max_length=10, blank=True)
    tasks = models.JSONField(_("tasks"), default=dict, blank=True)
    delegated_by = models.CharField(_("delegated by"), max_length=100, blank=True)

    class Meta:
        db_table = "core_assignment"

    def __str__(self) -> str:
        return f"{self.person} {self.role} {self.study} {self.site}"


@record("token", _("Access token"), describe=lambda row: row["label"])
class Token(LedgerRecord):
    """A secret that acts for a person over the API, with at most that person's grants. Only its SHA-256 is kept.

    Key ``system/tokens/<n>``. ``study`` narrows it to one study, ``permissions`` (comma-separated) to some rights.
    """

    unaudited = frozenset({"last_used"})

    person = models.CharField(max_length=100, db_index=True)
    label = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, db_index=True)
    study = models.CharField(max_length=64, blank=True)
    permissions = models.TextField(blank=True)
    ends = models.CharField(max_length=10, blank=True)
    revoked = models.BooleanField(default=False)
    last_used = models.DateTimeField(null=True)

    class Meta:
        db_table = "core_token"

    def __str__(self) -> str:
        return f"{self.person}: {self.label}"
