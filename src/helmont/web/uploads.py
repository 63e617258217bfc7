"""Files that somebody brought, between the dry run and the deed: kept under the installation's home, gone afterwards."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from helmont.core.errors import Fault, Invalid, NotFound

KEPT = 24 * 3600.0
"""Seconds after which what was brought is gone, whatever became of it."""
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Shelf:
    """Uploads of one kind, each a folder whose name nobody can guess.

    An ``owner`` is somebody's handle, and finds only their own uploads; without one, whoever has the token has the files.
    """

    name: str
    most_bytes: int

    @property
    def folder(self) -> Path:
        return Path(settings.HOME) / self.name

    def store(self, files: Iterable[UploadedFile[Any]], owner: str = "") -> str:
        """Keep the files; the token of the upload. Raises ``Invalid`` when there is too much."""
        brought = list(files)
        if sum(each.size or 0 for each in brought) > self.most_bytes:
            accepted = _("at most %(n)s MB together") % {"n": self.most_bytes // 1_000_000}
            raise Invalid([Fault("files", _("The files are too large."), accepted)])
        token = secrets.token_hex(16)
        place = self.folder / owner / token
        place.mkdir(parents=True, mode=0o700)
        for number, each in enumerate(brought):
            # Names are the sender's: only their last part is used, and two of one name stay two files.
            plain = Path((each.name or "file").replace("\\", "/")).name.lstrip(".")[:100] or "file"
            target = place / plain if not (place / plain).exists() else place / f"{number}-{plain}"
            with target.open("wb") as stream:
                for chunk in each.chunks():
                    stream.write(chunk)
        return token

    def place(self, token: str, owner: str = "") -> Path:
        """The folder of an upload; raises ``NotFound``."""
        place = self.folder / owner / token
        if not _TOKEN.fullmatch(token) or not place.is_dir():
            raise NotFound(token[:60])
        return place

    def discard(self, token: str, owner: str = "") -> None:
        if _TOKEN.fullmatch(token):
            shutil.rmtree(self.folder / owner / token, ignore_errors=True)

    def remove_old(self) -> None:
        """Everything that was brought more than a day ago."""
        for place in self.folder.glob("**/") if self.folder.is_dir() else ():
            if _TOKEN.fullmatch(place.name) and place.stat().st_mtime < time.time() - KEPT:
                shutil.rmtree(place, ignore_errors=True)


class Several(forms.FileField):
    """A form field that takes several files."""

    class Input(forms.ClearableFileInput):
        allow_multiple_selected = True
        template_name = "django/forms/widgets/file.html"

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=self.Input(attrs={"class": "input"}), **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        single = super().clean
        return [single(each, initial) for each in data] if data and isinstance(data, list) else [single(data, initial)]
