"""The addresses of the rwslib-compatible API."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from helmont import __version__
from helmont.api.errors import shorten
from helmont.api.rws import administration, audits, datasets, posting, studies, subjects
from helmont.api.rws.call import REASON, REASON_HEADER, Call, NoCredentials, caller
from helmont.api.rws.xml import response
from helmont.core.errors import NotFound, NotPermitted, Refused

log = logging.getLogger(__name__)
VERSION = "1.18.0"
"""The release of Rave Web Services whose addresses are followed."""
MAX_BODY = 32 * 1024 * 1024
OPEN = {
    "version": VERSION,
    "version/build": f"Helmont {__version__}",
    "version/codename": "Helmont",
    "diagnostics": "OK",
    "twohundred": "OK",
}
SEGMENT = r"([^/]{1,120})"
XML, CSV = "text/xml; charset=utf-8", "text/csv; charset=utf-8"


def _audits(call: Call, *_: str) -> HttpResponse:
    content, following = audits.audit_records(call)
    answer = HttpResponse(content, content_type=XML)
    if following is not None:
        query = {**call.query, "startid": str(following)}
        address = f"{call.address}/RaveWebServices/datasets/ClinicalAuditRecords.odm?{urlencode(query)}"
        answer["Link"] = f'<{address}>; rel="next"'
    return answer


def _form(call: Call, study: str, form: str) -> HttpResponse:
    if form.endswith(".csv"):
        return HttpResponse(datasets.form_csv(call, study, form.removesuffix(".csv")), content_type=CSV)
    return _xml(datasets.dataset(call, study, form))


def _xml(content: bytes) -> HttpResponse:
    return HttpResponse(content, content_type=XML)


def _comments(call: Call) -> HttpResponse:
    return HttpResponse(datasets.comments_csv(call), content_type=CSV)


Route = Callable[..., HttpResponse]
ROUTES: list[tuple[str, Route]] = [
    ("studies", lambda call: _xml(studies.list_studies(call))),
    ("metadata/studies", lambda call: _xml(studies.list_studies(call, environment=False))),
    ("metadata/libraries", lambda call: _xml(studies.list_nothing(call))),
    (f"metadata/studies/{SEGMENT}/versions", lambda call, s: _xml(studies.list_versions(call, s))),
    (f"metadata/studies/{SEGMENT}/drafts", lambda call, s: _xml(studies.list_versions(call, s, drafts=True))),
    (f"metadata/studies/{SEGMENT}/versions/{SEGMENT}", lambda call, s, v: _xml(studies.read_version(call, s, v))),
    (f"studies/{SEGMENT}/subjects", lambda call, s: _xml(subjects.list_subjects(call, s))),
    (f"studies/{SEGMENT}/datasets/metadata/regular", lambda call, s: _xml(studies.read_current(call, s))),
    (f"studies/{SEGMENT}/datasets/(?:regular|raw)", lambda call, s: _xml(datasets.dataset(call, s))),
    (f"studies/{SEGMENT}/datasets/(?:regular|raw)/{SEGMENT}", _form),
    (
        f"studies/{SEGMENT}/versions/{SEGMENT}/datasets/(?:regular|raw)",
        lambda call, s, v: _xml(datasets.dataset(call, s, version=v)),
    ),
    (
        f"studies/{SEGMENT}/versions/{SEGMENT}/datasets/(?:regular|raw)/{SEGMENT}",
        lambda call, s, v, f: _xml(datasets.dataset(call, s, f, version=v)),
    ),
    (
        f"studies/{SEGMENT}/subjects/{SEGMENT}/datasets/(?:regular|raw)",
        lambda call, s, k: _xml(datasets.dataset(call, s, key=k)),
    ),
    (
        f"studies/{SEGMENT}/subjects/{SEGMENT}/datasets/(?:regular|raw)/{SEGMENT}",
        lambda call, s, k, f: _xml(datasets.dataset(call, s, f, key=k)),
    ),
    (r"datasets/ClinicalAuditRecords\.odm", _audits),
    (r"datasets/Sites\.odm", lambda call: _xml(administration.sites(call))),
    (r"datasets/Users\.odm", lambda call: _xml(administration.users(call))),
    (r"datasets/VersionFolders\.odm", lambda call: _xml(administration.folders(call))),
    (r"datasets/rwscmd_getdata\.odm", lambda call: _xml(datasets.enterable(call))),
    (r"datasets/SDTMComments\.csv", _comments),
]


@require_http_methods(["GET", "POST"])
@csrf_exempt
@never_cache
def rws(request: HttpRequest, path: str) -> HttpResponse:
    """Answer one request. A refusal is a ``Response`` whose ``ErrorClientResponseMessage`` says why."""
    if request.method == "GET" and path in OPEN:
        return HttpResponse(OPEN[path], content_type="text/plain")
    try:
        actor = caller(request)
        reason = request.headers.get(REASON_HEADER, "").strip()[:2000] or REASON
        address = request.build_absolute_uri("/").rstrip("/")
        call = Call(actor, {name: str(value) for name, value in request.GET.items()}, address, reason)
        with translation.override(actor.language):
            return _post(request, call, path) if request.method == "POST" else _read(call, path)
    except NoCredentials as refusal:
        return HttpResponse(str(refusal.message), status=401, content_type="text/plain")
    except posting.PostRefused as refusal:
        return _refuse(refusal, refusal.inbound, ErrorOriginLocation=refusal.place)
    except Refused as refusal:
        return _refuse(refusal, "Not Supplied")
    except Exception:
        log.exception("a request to the rwslib-compatible API failed")
        return HttpResponse("Something went wrong here and nothing was changed.", status=500, content_type="text/plain")


rws.login_required = False  # type: ignore[attr-defined]  # answers 401 instead of a page
login_not_required(rws)


def _read(call: Call, path: str) -> HttpResponse:
    if path == "webservice.aspx" and "CacheFlush" in call.query:
        return _xml(response(True, ""))
    for pattern, answer in ROUTES:
        if found := re.fullmatch(pattern, path):
            return answer(call, *found.groups())
    raise NotFound(shorten(path))


def _post(request: HttpRequest, call: Call, path: str) -> HttpResponse:
    if path == "webservice.aspx" and "PostODMClinicalData" in call.query:
        body = request.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise posting.PostRefused("The document is larger than 32 MB; post it in parts.", "/ODM", "Not Supplied")
        return _xml(posting.post(call, body))
    if re.fullmatch(f"metadata/studies/{SEGMENT}/drafts", path):
        raise NotPermitted("Definitions are published as study packages and not posted over this API.")
    raise NotFound(shorten(path))


def _refuse(refusal: Refused, inbound: str, **more: str) -> HttpResponse:
    attributes = {"ReasonCode": refusal.code, "ErrorClientResponseMessage": str(refusal.message), **more}
    status = refusal.status if refusal.status in (401, 403, 404) else 400
    return HttpResponse(response(False, inbound, **attributes), status=status, content_type=XML)
