"""The life of a coding."""

from django.utils.translation import gettext_lazy as _

from helmont.core.workflow import Transition, Workflow

CODING = Workflow(
    record="coding",
    field="status",
    states={
        "uncoded": _("not coded"),
        "suggested": _("suggested"),
        "coded": _("coded"),
        "approved": _("approved"),
        "recode": _("to code again"),
        "queried": _("query raised"),
        "withdrawn": _("no longer there"),
    },
    transitions=(
        Transition("suggest", _("Suggest"), frozenset({"uncoded", "suggested"}), "suggested", "coding.run"),
        Transition(
            "code",
            _("Code"),
            frozenset({"uncoded", "suggested", "coded", "approved", "recode", "queried"}),
            "coded",
            "coding.code",
        ),
        Transition("approve", _("Approve"), frozenset({"coded"}), "approved", "coding.approve"),
        Transition(
            "lapse",
            _("Code again"),
            frozenset({"uncoded", "suggested", "coded", "approved", "recode", "queried", "withdrawn"}),
            "recode",
            "coding.run",
            reason=True,
        ),
        Transition(
            "query",
            _("Raise a query"),
            frozenset({"uncoded", "suggested", "coded", "approved", "recode", "queried"}),
            "queried",
            "query.raise",
        ),
        Transition(
            "withdraw",
            _("Withdraw"),
            frozenset({"uncoded", "suggested", "coded", "approved", "recode", "queried"}),
            "withdrawn",
            "coding.run",
        ),
        Transition("return", _("Return"), frozenset({"withdrawn"}), "uncoded", "coding.run"),
    ),
)
TO_CODE = frozenset({"uncoded", "suggested", "recode", "queried"})
SETTLED = frozenset({"coded", "approved"})
