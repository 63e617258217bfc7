"""The one address of the REDCap-compatible API."""

from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from helmont.api.errors import Malformed, shorten
from helmont.api.redcap import (  # noqa: F401 - they register what they answer
    events,
    files,
    history,
    importing,
    metadata,
    project,
    records,
    refused,
    reports,
    repository,
    users,
)
from helmont.api.redcap.call import (
    HANDLERS,
    REASON,
    REASON_HEADER,
    BadRequest,
    Call,
    Handler,
    caller,
    format_of,
    read_parameters,
)
from helmont.api.redcap.wire import FORMATS, write_error
from helmont.core.errors import Invalid, NotPermitted, Refused

log = logging.getLogger(__name__)


@require_POST
@csrf_exempt
@never_cache
def api(request: HttpRequest) -> HttpResponse:
    """Answer one call. Errors are REDCap's: 400 for what does not fit, 403 without the right, in the format asked for."""
    form = "xml"
    try:
        parameters, files = read_parameters(request)
        form = format_of(parameters)
        actor = caller(parameters)
        reason = request.headers.get(REASON_HEADER, "").strip()[:2000] or REASON
        call = Call(actor, parameters, form, reason, files)
        with translation.override(actor.language):
            return _handler(call)(call)
    except (SuspiciousOperation, MultiPartParserError):
        return _refuse(Malformed("The request is malformed."), form)
    except Refused as refusal:
        return _refuse(refusal, form)
    except Exception:
        log.exception("a call of the REDCap-compatible API failed")
        return HttpResponse(write_error("Something went wrong here and nothing was changed.", form), status=500)


api.login_required = False  # type: ignore[attr-defined]  # answers 403 instead of a page
login_not_required(api)


def _handler(call: Call) -> Handler:
    content, action = call.get("content"), call.get("action")
    if not action and call.get("data"):
        action = "import"
    found = HANDLERS.get((content, action)) or (HANDLERS.get((content, "")) if action in ("", "export") else None)
    if found is None:
        known = sorted({name for name, _ in HANDLERS})
        asked = shorten(f"{content} {action}".strip())
        raise BadRequest(f"This API does not do “{asked}”; the contents it knows are: {', '.join(known)}")
    return found


def _refuse(refusal: Refused, form: str) -> HttpResponse:
    message = str(refusal.message)
    if isinstance(refusal, Invalid):
        shown = [f"{f.place}: {f.message}" + (f" ({f.accepted})" if f.accepted else "") for f in refusal.faults[:50]]
        message = "\n".join([*shown, *([f"… and {len(refusal.faults) - 50} more"] if len(refusal.faults) > 50 else [])])
    status = 403 if isinstance(refusal, NotPermitted) else 413 if refusal.status == 413 else 400
    return HttpResponse(write_error(message, form), status=status, content_type=f"{FORMATS[form]}; charset=utf-8")
