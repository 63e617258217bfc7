"""The lives of an amendment, and of a value without a place."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helmont.core.workflow import Transition, Workflow

AMENDMENT = Workflow(
    record="amendment",
    field="status",
    states={
        "planned": pgettext_lazy("amendment", "planned"),
        "approved": pgettext_lazy("amendment", "approved"),
        "running": pgettext_lazy("amendment", "running"),
        "stopped": pgettext_lazy("amendment", "stopped"),
        "done": pgettext_lazy("amendment", "done"),
        "withdrawn": pgettext_lazy("amendment", "withdrawn"),
    },
    transitions=(
        Transition("plan", _("Plan again"), frozenset({"planned", "approved", "stopped"}), "planned", "amendment.plan"),
        Transition(
            "approve",
            pgettext_lazy("amendment", "Approve"),
            frozenset({"planned"}),
            "approved",
            "amendment.approve",
            signature="amendment_approval",
        ),
        Transition(
            "run",
            pgettext_lazy("amendment", "Run"),
            frozenset({"approved", "stopped"}),
            "running",
            "amendment.run",
        ),
        Transition("stop", pgettext_lazy("amendment", "Stop"), frozenset({"running"}), "stopped", "amendment.run"),
        Transition("finish", _("Finish"), frozenset({"running"}), "done", "amendment.run"),
        Transition(
            "withdraw",
            _("Withdraw"),
            frozenset({"planned", "approved"}),
            "withdrawn",
            "amendment.plan",
            reason=True,
        ),
    ),
)

KEPT = Workflow(
    record="kept_value",
    field="status",
    states={
        "undecided": _("undecided"),
        "kept": _("kept as it is"),
        "placed": _("placed elsewhere"),
        "set_aside": _("set aside"),
    },
    transitions=(
        Transition("keep", _("Keep as it is"), frozenset({"undecided", "set_aside"}), "kept", "form.enter"),
        Transition(
            "place", _("Place elsewhere"), frozenset({"undecided", "kept", "set_aside"}), "placed", "form.enter"
        ),
        Transition(
            "set_aside", _("Set aside"), frozenset({"undecided", "kept"}), "set_aside", "form.enter", reason=True
        ),
    ),
)
