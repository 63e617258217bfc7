from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helmont.core.actions import Action
    from helmont.core.signatures.evidence import Evidence


class DatasetsConfig(AppConfig):
    name = "helmont.datasets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from helmont.core.signatures.meanings import register_signing
        from helmont.datasets import projections  # noqa: F401 - it registers itself

        register_signing(
            "data_cut",
            _sign,
            title=_("Release of a data cut"),
            statement=_(
                "I confirm that the data are cut at this entry of the ledger for the purpose that is named, and release"
                " them for it."
            ),
        )


def _sign(evidence: "Evidence", records: "Sequence[str]", _reason: str) -> "Action":
    """What the signature carries out: it is put under the cut that was shown, and nothing else."""
    from helmont.core.errors import Fault, Invalid
    from helmont.datasets.actions import SignCut

    if len(records) != 1 or not records[0].startswith("cut:"):
        raise Invalid([Fault("records", "one cut is signed at a time", "cut:STUDY/cuts/1")])
    return SignCut(evidence, records[0].removeprefix("cut:"))
