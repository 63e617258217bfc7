"""What the definition says about the items of a form, and how their keys are read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from helmont.study.compiled_forms import CompiledForm


def base_item(item_key: str) -> str:
    """The item id of an item key: ``SYSBP`` of ``READINGS[2].SYSBP``."""
    return item_key.rsplit(".", 1)[-1]


BY_ITEM = ("data", "verified", "lapsed", "held")
"""Columns of a form whose keys are item keys: what hides an item hides it in all of them."""
ABOUT_ITEMS = {*BY_ITEM, "differences", "decided", "aside"}
"""The same, of the records that go by the items of a form (``RecordType.items_of``)."""


def item_of(path: str) -> str:
    """The item key that a path of a change is about (``data/SYSBP``), "" for any other path."""
    column, _slash, item = path.partition("/")
    return item if column in ABOUT_ITEMS else ""


@lru_cache(maxsize=1024)
def privileges(form: CompiledForm) -> Mapping[str, str]:
    """Item id -> privilege, for the items of a form that need one to be seen."""
    return {item.id: item.privilege for item in form.form.items() if item.privilege}


def in_language(message: Mapping[str, str], language: str) -> str:
    """The text of a finding in ``language``, or in the study's first language."""
    return message.get(language) or next(iter(message.values()), "")
