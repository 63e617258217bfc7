"""``NinjaAPI`` as this installation wants it: JSON in every case, its own sign-in, no page of documentation."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from ninja.types import DictStrAny

from helmont import __version__
from helmont.api import errors
from helmont.api.writes import HEADER
from helmont.core.errors import Fault, Invalid, NotFound, Refused

View = Callable[..., HttpResponse]
DESCRIPTION = """Everything the pages of Helmont do, for programs. Send an access token as `Authorization: Bearer …`, or
be a page with a session and its `X-CSRFToken`. What you may not see is absent; what is not yours is 404. Errors are
`{"error": {"code", "message", "faults"}}`. Every write takes an `Idempotency-Key`: repeating a request under the same
key changes nothing and gives the same answer."""


class JSONParser(Parser):
    def parse_body(self, request: HttpRequest) -> DictStrAny:
        try:
            fields = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise Invalid([Fault("body", f"not JSON: {error}", "an object")]) from None
        if not isinstance(fields, dict):
            raise Invalid([Fault("body", "not an object", "an object")])
        return fields


class JSONRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data)


class Gateway(NinjaAPI):
    """The API. Pages of documentation are left out: their scripts come from elsewhere, which the policy forbids."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            title="Helmont",
            version=__version__,
            description=DESCRIPTION,
            docs_url=None,
            urls_namespace="api",
            parser=JSONParser(),
            renderer=JSONRenderer(),
            **options,
        )
        errors.install(self)

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        patterns = [p for p in super()._get_urls() if getattr(p, "name", "") != "api-root"]
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = self._answering_for_itself(pattern.callback)
        root = path("", self._answering_for_itself(self._nothing_here), name="api-root")
        return [*patterns, root, re_path("", self._answering_for_itself(self._nothing_here), name="api-nothing")]

    def _answering_for_itself(self, view: View) -> View:
        """Keep Django's login page and CSRF page away from a program, and what is answered out of caches."""

        @wraps(view, assigned=())
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            if response.status_code == 405:
                allowed = response.headers["Allow"]
                response = self._refuse(request, errors.MethodNotAllowed(f"{request.method} does not fit; {allowed}."))
                response.headers["Allow"] = allowed
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        answer.csrf_exempt = True  # type: ignore[attr-defined]  # helmont.api.auth checks it, for sessions
        answer.login_required = False  # type: ignore[attr-defined]  # answers 401 instead of a page
        return answer

    def _nothing_here(self, request: HttpRequest, **_parts: Any) -> HttpResponse:
        return self._refuse(request, NotFound(errors.shorten(request.path)))

    def _refuse(self, request: HttpRequest, refusal: Refused) -> HttpResponse:
        return self.create_response(request, {"error": refusal.to_dict()}, status=refusal.status)

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The description of the API, with the header that every write takes."""
        schema = super().get_openapi_schema(**options)
        header = {
            "name": HEADER,
            "in": "header",
            "required": False,
            "description": "Any text of yours that names this request; repeating it is harmless.",
            "schema": {"type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": 100},
        }
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                if method in ("put", "post"):
                    operation.setdefault("parameters", []).append(header)
        return schema
