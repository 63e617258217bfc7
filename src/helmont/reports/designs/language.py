"""The language of an appendix: texts are English, and whoever shows them may lay a translation over them.

Reports know nothing of Django, so pages give its ``gettext``: ``with speaking(gettext): ...``. Texts are marked as elsewhere,
``_("...")`` where they are used and ``gettext_noop("...")`` where they are only named. What a design says itself (the words of
its class, the reason of a decision) stays English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_translate: ContextVar[Callable[[str], str]] = ContextVar("translate", default=str)


def _(text: str) -> str:
    """The text in the language that is spoken now."""
    return _translate.get()(text) if text else ""


def gettext_noop(text: str) -> str:
    """The text as it is; translated where it is used."""
    return text


@contextmanager
def speaking(translate: Callable[[str], str]) -> Iterator[None]:
    """Texts that are made within pass through ``translate``."""
    before = _translate.set(translate)
    try:
        yield
    finally:
        _translate.reset(before)
