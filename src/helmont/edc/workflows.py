"""The lives of a form and of a query."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helmont.core.workflow import Transition, Workflow

FORM = Workflow(
    record="form",
    field="status",
    states={
        "blank": _("not started"),
        "draft": _("draft"),
        "complete": _("complete"),
        "not_done": _("not done"),
        "removed": _("removed"),
    },
    transitions=(
        Transition("save", _("Save draft"), frozenset({"blank", "draft", "not_done"}), "draft", "form.enter"),
        Transition(
            "complete",
            pgettext_lazy("button", "Complete"),
            frozenset({"blank", "draft", "complete", "not_done"}),
            "complete",
            "form.enter",
        ),
        Transition("not_done", _("Not done"), frozenset({"blank", "draft"}), "not_done", "form.enter", reason=True),
        Transition("remove", _("Remove line"), frozenset({"draft", "complete"}), "removed", "form.enter", reason=True),
        Transition("restore", _("Restore line"), frozenset({"removed"}), "draft", "form.enter", reason=True),
    ),
)

LOCK = Workflow(
    record="form",
    field="lock",
    states={"open": _("open"), "frozen": _("frozen"), "locked": _("locked")},
    transitions=(
        Transition("freeze", _("Freeze"), frozenset({"open"}), "frozen", "form.freeze"),
        Transition("unfreeze", _("Unfreeze"), frozenset({"frozen"}), "open", "form.freeze", reason=True),
        Transition("lock", _("Lock"), frozenset({"open", "frozen"}), "locked", "form.lock"),
        Transition("unlock", _("Unlock"), frozenset({"locked"}), "open", "form.lock", reason=True),
    ),
)

QUERY = Workflow(
    record="query",
    field="status",
    states={"open": _("open"), "answered": _("answered"), "closed": _("closed"), "cancelled": _("cancelled")},
    transitions=(
        Transition("answer", _("Answer"), frozenset({"open"}), "answered", "query.answer", reason=True),
        Transition("requery", _("Query again"), frozenset({"answered", "closed"}), "open", "query.raise", reason=True),
        Transition("close", pgettext_lazy("query", "Close"), frozenset({"open", "answered"}), "closed", "query.close"),
        Transition(
            "cancel", pgettext_lazy("query", "Cancel"), frozenset({"open"}), "cancelled", "query.raise", reason=True
        ),
    ),
)
OPEN_QUERY = frozenset({"open", "answered"})
EDITABLE = frozenset({"", "open"})
EVALUATED = frozenset({"draft", "complete"})  # forms whose rules run: these hold values
