"""What an action can answer other than success.

Refused                 the request cannot be carried out; nothing was changed
 ├── NotFound           no such record for this person (also: not theirs)
 ├── NotPermitted       the record is theirs to see, the change is not theirs to make
 ├── Invalid            the input does not fit; ``faults`` names each place
 ├── ReasonRequired     the change needs a reason
 ├── SignatureRequired  the change needs a signature with a given meaning
 └── Conflict           somebody changed the record in between; ``current`` is what is there now
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: where, what, and what would be accepted."""

    place: str
    message: str
    accepted: str = ""

    def to_dict(self) -> dict[str, str]:
        return {"place": self.place, "message": self.message, "accepted": self.accepted}


class Refused(Exception):
    """The request cannot be carried out; nothing was changed."""

    code = "refused"
    status = 409

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def to_dict(self) -> dict[str, Any]:
        return {"code": self.code, "message": str(self.message), **self.details}


class NotFound(Refused):
    code, status = "not_found", 404

    def __init__(self, what: str = "") -> None:
        super().__init__(_("There is nothing here by that name, or it is not yours to see."), what=what)


class NotPermitted(Refused):
    code, status = "not_permitted", 403


class Invalid(Refused):
    code, status = "invalid", 422

    def __init__(self, faults: Sequence[Fault], message: str = "") -> None:
        super().__init__(message or "; ".join(f"{fault.place}: {fault.message}" for fault in faults))
        self.faults = tuple(faults)
        self.details = {"faults": [fault.to_dict() for fault in faults]}


class ReasonRequired(Refused):
    code, status = "reason_required", 422

    def __init__(self, places: Sequence[str] = (), message: str = "") -> None:
        said = message or _("This record was completed before: say why it changes.")
        super().__init__(said, places=list(places))


class SignatureRequired(Refused):
    code, status = "signature_required", 422


class Conflict(Refused):
    code, status = "conflict", 409
