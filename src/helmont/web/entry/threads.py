"""Queries and comments as they stand below an item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from helmont.edc.models import Comment, Query
from helmont.web.dates import moment_text
from helmont.web.entry.rights import Rights


@dataclass(frozen=True)
class Remark:
    """Something somebody said."""

    name: str
    when: str
    text: str
    kind: str = ""


@dataclass(frozen=True)
class Thread:
    """A query: its question, what was said since, and what this person may do to it now."""

    key: str
    item: str
    rule: str
    status: str
    asked_by: str
    asked_at: str
    question: str
    replies: tuple[Remark, ...]
    answer: bool
    close: bool
    ask_again: bool
    cancel: bool

    @property
    def unsettled(self) -> bool:
        return self.status in ("open", "answered")

    @property
    def number(self) -> str:
        return self.key.rsplit("/", 1)[1]


def thread(query: Query, rights: Rights, names: Mapping[str, str], zone: str, language: str) -> Thread:
    """The query for this person; an automatic query's text is in their language or the study's first."""
    first, *later = (query.messages[number] for number in sorted(query.messages))
    question = first["text"] or query.text.get(language) or next(iter(query.text.values()), "")
    status = query.status
    return Thread(
        key=query.key,
        item=query.item,
        rule=query.rule,
        status=status,
        asked_by=_("edit check %s") % query.rule if query.rule else _name(first, names),
        asked_at=moment_text(query.opened, zone),
        question=question,
        replies=tuple(_reply(message, names, zone) for message in later),
        answer=status == "open" and rights.answer_query,
        close=status in ("open", "answered") and rights.close_query,
        ask_again=status in ("answered", "closed") and rights.raise_query and rights.close_query,
        cancel=status == "open" and rights.raise_query and rights.close_query,
    )


def remark(comment: Comment, names: Mapping[str, str], zone: str) -> Remark:
    return Remark(names.get(comment.author, comment.author), moment_text(comment.written, zone), comment.text)


def handles(queries: tuple[Query, ...], comments: tuple[Comment, ...]) -> set[str]:
    """Everybody who spoke."""
    said = {message["by"] for query in queries for message in query.messages.values()}
    return said | {comment.author for comment in comments}


def _reply(message: Mapping[str, Any], names: Mapping[str, str], zone: str) -> Remark:
    kinds = {
        "answered": pgettext("query remark", "answered"),
        "asked_again": pgettext("query remark", "asked again"),
        "closed": pgettext("query remark", "closed"),
        "cancelled": pgettext("query remark", "cancelled"),
        "corrected": _("closed: the value was corrected"),
        "amended": _("closed: an amendment took the check or the item away"),
    }
    kind = kinds.get(message["kind"], message["kind"])
    return Remark(_name(message, names), moment_text(message["at"], zone), message["text"], kind)


def _name(message: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return names.get(message["by"], message["by"])
