"""From a refusal to the page, or the JSON, that explains it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from helmont.core.errors import Refused


class RefusalMiddleware:
    """A ``Refused`` that leaves a view becomes its status, with a page or JSON that says what happened."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        if request.accepts("text/html") and not request.headers.get("HX-Request"):
            template = {403: "403.html", 404: "404.html"}.get(exception.status, "web/refused.html")
            return render(request, template, {"refusal": exception}, status=exception.status)
        return JsonResponse({"error": exception.to_dict()}, status=exception.status)
