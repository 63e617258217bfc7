"""Bringing a dictionary into the installation: its terms in bulk first, then the one entry that makes it known.

The terms lie under the hash of their content, so loading the same twice adds nothing, and terms whose entry was never
written are taken up by the next attempt.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction

from helmont.coding.actions.dictionaries import LoadDictionary
from helmont.coding.lexicon import PARTED
from helmont.coding.models import Dictionary as DictionaryRow
from helmont.coding.models import DictionaryTerm
from helmont.core import sql
from helmont.core.permissions import Actor
from helmont.core.writer import perform
from helmont.standards.dictionaries import Dictionary, Term, content_hash

CHUNK = 2000
Told = Callable[[int, int], object]


def install(
    dictionary: Dictionary,
    name: str,
    version: str,
    language: str,
    kind: str,
    licence: str,
    actor: Actor,
    *,
    told: Told = lambda _done, _total: None,
    source: dict[str, Any] | None = None,
) -> str:
    """Store the terms and record the version; the key of the dictionary. ``told`` hears how many terms are in."""
    digest = content_hash(dictionary.terms)
    action = LoadDictionary(
        name, version, language, kind, licence, digest, "/".join(dictionary.levels), dictionary.counts
    )
    action.check()
    _store(digest[:16], dictionary, told)
    return str(perform(action, actor, source=source).result["dictionary"])


def _store(content: str, dictionary: Dictionary, told: Told) -> None:
    total = len(dictionary.terms)
    known = DictionaryRow.objects.filter(content=content).exists()
    if known and DictionaryTerm.objects.filter(content=content).count() == total:
        return
    with sql.turn():
        DictionaryTerm.objects.filter(content=content).delete()
    for start in range(0, total, CHUNK):
        rows = map(partial(_row, content), dictionary.terms[start : start + CHUNK])
        with sql.turn(), transaction.atomic():  # a chunk at a time, so that savers get their turns in between
            DictionaryTerm.objects.bulk_create(rows)
        told(min(start + CHUNK, total), total)


def _row(content: str, term: Term) -> DictionaryTerm:
    return DictionaryTerm(
        content=content,
        level=term.level,
        code=term.code,
        name=term.name,
        path=PARTED.join(term.path),
        parents=PARTED.join(term.parents),
        current=term.current,
        note=term.note,
    )
