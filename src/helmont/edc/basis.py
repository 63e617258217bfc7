"""What a finding rests on: the values its rule read, as one short text that changes when any of them does.

A person who closes an automatic query accepts those values, and not whatever stands there later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from helmont.core.ledger.tlog.canonical import dumps
from helmont.edc.items import privileges
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy
from helmont.study.names import ROOTS
from helmont.study.outcomes import Context

Data = Mapping[str, Any]


def basis(study: CompiledStudy, form: CompiledForm, rule: str, item_key: str, data: Data, context: Context) -> str:
    """A hash of the values that ``rule`` (a check, or one every form has) reads when it judges ``item_key``.

    Values under a privilege and ``today`` are left out: who may not see the one must not learn of it, and the other
    changes by itself.
    """
    names = next((check.rule.names for check in form.checks if check.check.id == rule), frozenset[str]())
    read = [data.get(item_key), *(list(_read(study, form, name, item_key, data, context)) for name in sorted(names))]
    return sha256(dumps(read)).hexdigest()[:16]


def _read(
    study: CompiledStudy, form: CompiledForm, name: str, item_key: str, data: Data, context: Context
) -> Iterator[Any]:
    root, *path = name.split(".")
    if root in ROOTS:
        places = 2 if root == "at" else 1
        found = context.forms.get(".".join([root, *path[:places]]))
        items = set(path[places : places + 1])
        hidden = privileges(study.forms[path[places - 1]])
        for one in [found] if isinstance(found, Mapping) else found or ():
            yield _items(one, items, hidden)
    elif root in ("visit", "participant"):
        yield str(getattr(context, root).get(path[0], "") if path else "")
    elif root != "today" and root not in privileges(form):
        row = f"{item_key.rsplit('.', 1)[0]}.{root}" if "." in item_key else root
        keys: Sequence[str] = [key for key in data if key in (root, row) or key.startswith(f"{root}[")]
        yield {key: data[key] for key in keys}


def _items(data: Data, items: set[str], hidden: Mapping[str, str]) -> dict[str, Any]:
    """The named items of another form (any row), or all of them when none is named."""
    base = {key: key.rsplit(".", 1)[-1] for key in data}
    return {
        key: value
        for key, value in data.items()
        if base[key] not in hidden and (not items or base[key] in items or key.split("[")[0] in items)
    }
