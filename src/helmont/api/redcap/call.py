"""One call of the API: who asks, about which study, with what, and the shapes of answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse

from helmont.api.auth import today_of
from helmont.api.errors import Malformed, TooLarge
from helmont.api.redcap.wire import FORMATS, read_rows, write_rows
from helmont.core.actions import Action, Job
from helmont.core.errors import Fault, Invalid, NotFound, NotPermitted, Refused
from helmont.core.people.queries import actor_for_token
from helmont.core.permissions import Actor
from helmont.core.writer import submit
from helmont.projects.layout import Layout
from helmont.projects.queries import layout_for
from helmont.studies.models import Study
from helmont.studies.queries import study_for

MAX_BODY = 32 * 1024 * 1024
MAX_FIELDS = 50_000
CHANNEL = "redcap-api"
REASON = "Imported by a REDCap client"
REASON_HEADER = "X-Helmont-Reason"


class BadRequest(Refused):
    """The request asks for what this API does not do."""

    code, status = "bad_request", 400


@dataclass(frozen=True)
class Call:
    """``form`` is the format of the answer; ``parameters`` are the request's own, files apart."""

    actor: Actor
    parameters: Mapping[str, str]
    form: str
    reason: str = REASON
    files: Mapping[str, UploadedFile[bytes]] = field(default_factory=dict)

    @cached_property
    def today(self) -> date:
        return today_of(self.actor)

    @cached_property
    def study(self) -> Study:
        """The one study that the token is for."""
        studies = self.actor.studies(self.today)
        if len(studies) != 1 or "*" in studies:
            raise BadRequest("This token is not for one study: make a token for the study whose project this is.")
        return study_for(self.actor, studies.pop(), self.today)

    @cached_property
    def layout(self) -> Layout:
        return layout_for(self.study.key, self.study.definition)

    def get(self, name: str, default: str = "") -> str:
        return self.parameters.get(name, default)

    def listed(self, name: str) -> list[str]:
        """``name[0]``, ``name[1]``, … or one text with commas between."""
        pattern = re.compile(re.escape(name) + r"\[\d*\]")
        found = [value for key, value in self.parameters.items() if pattern.fullmatch(key)]
        return found or [part.strip() for part in self.get(name).split(",") if part.strip()]

    def rows(self) -> list[dict[str, Any]]:
        """The rows sent as ``data``, in the format named ``format``."""
        form = self.get("format", "xml")
        if form not in FORMATS:
            raise Invalid([Fault("format", f"there is no format “{form[:20]}”", ", ".join(FORMATS))])
        return read_rows(self.get("data"), form)

    def may(self, permission: str) -> None:
        """Raise ``NotPermitted`` unless the person holds the permission somewhere in the study."""
        if not self.actor.places(permission, self.study.key, self.today):
            raise NotPermitted(f"You do not have the right {permission} in this study.", permission=permission)

    def perform(self, *actions: Action) -> list[Any]:
        """Carry the actions out, one after the other; raises what refused the first that was."""
        jobs = [Job(action, self.actor, {"channel": CHANNEL}) for action in actions]
        return [submit(job).result().result for job in jobs]

    def table(
        self, rows: list[dict[str, Any]], *columns: str, names: tuple[str, str] = ("records", "item")
    ) -> HttpResponse:
        return self.answer(write_rows(rows, self.form, columns, names))

    def count(self, number: int) -> HttpResponse:
        """How many were changed: a bare number in every format."""
        return self.answer(str(number).encode())

    def answer(self, content: bytes) -> HttpResponse:
        return HttpResponse(content, content_type=f"{FORMATS[self.form]}; charset=utf-8")

    def file(self, content: bytes, name: str, kind: str = "application/octet-stream") -> HttpResponse:
        quoted = name.replace("\\", "_").replace('"', "_")
        response = HttpResponse(content, content_type=f'{kind}; name="{quoted}";charset=UTF-8')
        response["Content-Disposition"] = "attachment"
        return response


def format_of(parameters: Mapping[str, str]) -> str:
    """The format of the answer and of errors: what ``returnFormat`` says, or ``format``, or XML."""
    named = parameters.get("returnFormat") or parameters.get("format") or "xml"
    return named if named in FORMATS else "xml"


def read_parameters(request: HttpRequest) -> tuple[dict[str, str], dict[str, UploadedFile[bytes]]]:
    """The request's fields and files; raises ``TooLarge`` or ``Malformed``."""
    if request.content_type == "multipart/form-data":
        files = {name: upload for name, upload in request.FILES.items() if isinstance(upload, UploadedFile)}
        return {name: str(value) for name, value in request.POST.items()}, files
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise TooLarge(f"The request is larger than {MAX_BODY // 1024 // 1024} MB; send it in parts.")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Malformed(f"The request is not a form in UTF-8: {error}") from None
    return dict(pairs), {}


def caller(parameters: Mapping[str, str]) -> Actor:
    """Whose token this is; raises ``NotPermitted``."""
    try:
        return actor_for_token(parameters.get("token", "").strip())
    except NotFound:
        raise NotPermitted(
            "You do not have permissions to use the API: the token is unknown, ended or revoked."
        ) from None


Handler = Callable[[Call], HttpResponse]
HANDLERS: dict[tuple[str, str], Handler] = {}


def handles(content: str, action: str = "") -> Callable[[Handler], Handler]:
    """Answer calls of this ``content`` (and ``action``) by the function."""

    def register(handler: Handler) -> Handler:
        HANDLERS[content, action] = handler
        return handler

    return register
