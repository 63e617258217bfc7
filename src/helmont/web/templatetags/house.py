"""How dates, times, statuses and numbers read on every page (docs/design.md, Rules)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from babel.numbers import format_percent
from django import template
from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from helmont.core.permissions import Actor
from helmont.web.dates import day_text, locale, moment_text

register = template.Library()


@register.filter
def day(value: Any) -> str:
    """A date, or an ISO date that may be partial, as 21 Nov 2026; what is not a whole date is shown as it is."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value[:10]) if len(value) >= 10 else value
        except ValueError:
            return str(value)
    return day_text(value) if isinstance(value, date) else str(value or "")


@register.simple_tag(takes_context=True)
def moment(context: template.RequestContext, value: str) -> SafeString:
    """A ledger time on the reader's clock, as a ``time`` element."""
    actor: Actor | None = getattr(context.get("request"), "helmont_actor", None)
    text = moment_text(value, actor.timezone if actor else "UTC") if value else ""
    return format_html('<time datetime="{}">{}</time>', value, text)


@register.filter
def age(value: str) -> str:
    """How many days ago a ledger time was, in words."""
    days = (datetime.now(UTC) - datetime.fromisoformat(value)).days
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days} if days else gettext("today")


@lru_cache(maxsize=1024)
def _word(status: str, _language: str | None) -> SafeString:
    return mark_safe(render_to_string("web/parts/status_word.html", {"status": status}).strip())


def word(status: str) -> SafeString:
    """The word for a status in the language of the page; ``parts/status_word.html`` holds them all."""
    return _word(status, translation.get_language())


@register.filter
def percent(part: int, whole: int) -> str:
    """``part`` of ``whole`` as 62%, rounded down; a dash where there is no whole."""
    return str(format_percent(100 * part // whole / 100, locale=locale())) if whole else "–"


@register.filter
def thousands(value: int) -> str:
    """A count with the separators of the page's language: 12,345."""
    return formats.number_format(value, use_l10n=True, force_grouping=True)


@register.filter
def text_in(text: Any, language: str) -> str:
    """A study's ``Text`` in a language; the source text where a translation is missing."""
    return str(text.get(language)[0]) if text is not None else ""
