"""The server of the tests, as the browser reaches it, and its API for what a test needs but is not about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.serving import Site


@dataclass(frozen=True)
class Clinic:
    """``url`` says localhost, not 127.0.0.1: passkeys belong to a name."""

    site: Site

    @property
    def url(self) -> str:
        return self.site.url.replace("127.0.0.1", "localhost")

    def session(self, handle: str) -> str:
        return self.site.stage.sessions[handle]

    def post(self, handle: str, path: str, **content: Any) -> Any:
        return self.site.post(handle, path, **content)

    def get(self, handle: str, path: str, **parameters: str) -> Any:
        return self.site.get(handle, f"{path}?{urlencode(parameters)}" if parameters else path)

    def save(self, handle: str, form: str, values: dict[str, Any], *, complete: bool = True, reason: str = "") -> Any:
        return self.site.put(handle, f"/forms/{form}", values=values, complete=complete, reason=reason)
