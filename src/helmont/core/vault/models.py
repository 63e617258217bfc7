"""The vault's tables. ``Identity`` is audited; keys and ciphertexts are not, and never leave these two tables."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from helmont.core.records import LedgerRecord, record


@record("identity", _("Identity"), participant="participant", describe=lambda row: ", ".join(sorted(row["fields"])))
class Identity(LedgerRecord):
    """That something is known of a participant, not what. Key ``<participant key>/identity``.

    ``fields`` maps a field's name to ``{"sha256": …}`` of its ciphertext; ``erased`` is when the key was destroyed.
    """

    participant = models.CharField(_("participant"), max_length=120, db_index=True)
    fields = models.JSONField(_("fields"), default=dict, blank=True)
    erased = models.CharField(_("erased"), max_length=27, blank=True)

    class Meta:
        db_table = "vault_identity"

    def __str__(self) -> str:
        return self.key


class VaultKey(models.Model):
    """A participant's key, encrypted under the installation's vault key; empty once it was destroyed."""

    participant = models.CharField(primary_key=True, max_length=120)
    wrapped = models.BinaryField()
    erased = models.CharField(max_length=27, blank=True)

    class Meta:
        db_table = "vault_key"

    def __str__(self) -> str:
        return self.participant


class VaultSecret(models.Model):
    """One field of one participant's identity, encrypted under the participant's key."""

    pk = models.CompositePrimaryKey("participant", "name")
    participant = models.CharField(max_length=120)
    name = models.CharField(max_length=40)
    ciphertext = models.BinaryField()

    class Meta:
        db_table = "vault_secret"

    def __str__(self) -> str:
        return f"{self.participant} {self.name}"
