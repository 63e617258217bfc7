"""Audited tables: which there are, and how a row of one is read and written.

A record is a row whose primary key is a readable path, ``STUDY/…``; the first segment names the log that describes it.
Its audited columns hold text, integers, booleans or JSON objects (``maps``, compared key by key), and ``revision`` is the
sequence of the ledger entry that last changed it. Rows are written by transactions alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, TypeVar

import orjson
from django.db import models

Row = dict[str, Any]
KEY_LENGTH = 200
AUDITED_KINDS = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.JSONField)


class Unaudited(RuntimeError):
    """A record type without an audit description was written, or a row was written outside an action."""


M = TypeVar("M", bound=models.Model)


class LedgeredQuerySet(models.QuerySet[M]):
    """Reads freely; refuses to write, since a write belongs in an action."""

    def _refuse(self, *_args: Any, **_kwargs: Any) -> Any:
        raise Unaudited(f"{self.model.__name__} rows are written by actions only")

    create = update = delete = bulk_create = bulk_update = get_or_create = update_or_create = _refuse


class LedgeredManager(models.Manager[M]):
    def get_queryset(self) -> LedgeredQuerySet[M]:
        return LedgeredQuerySet(self.model, using=self._db)


class LedgerRecord(models.Model):
    """Base of every audited table. ``unaudited`` columns may be saved directly (a password hash, the last sign-in)."""

    unaudited: ClassVar[frozenset[str]] = frozenset()

    key = models.CharField(primary_key=True, max_length=KEY_LENGTH)
    revision = models.BigIntegerField(default=0)

    objects: ClassVar[LedgeredManager[Self]] = LedgeredManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        update = set(kwargs.get("update_fields") or ())
        if not update or not update <= self.unaudited:
            raise Unaudited(f"{type(self).__name__} {self.pk}: written by actions only")
        models.Model.save_base(self, update_fields=frozenset(update), force_update=True)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Unaudited(f"{type(self).__name__} {self.pk}: records are never deleted")


@dataclass(frozen=True)
class RecordType:
    """The audit description of one table.

    ``title`` names the type for people; ``participant`` is the column that says whose data it is ("key" when the
    record is the participant); ``describe`` turns a row into the words shown in an audit trail. ``items_of`` gives the key
    of the form whose items the columns ``data`` and ``verified`` go by, from the record's own key: what is hidden of that
    form is hidden of the record. ``withheld`` says of a person, a key and a date whether the record is not for them yet.
    """

    name: str
    model: type[LedgerRecord]
    title: Any
    participant: str = ""
    describe: Callable[[Row], str] = lambda row: str(row["key"])
    items_of: Callable[[str], str] | None = None
    withheld: Callable[[Any, str, Any], bool] | None = None
    columns: dict[str, str] = field(init=False)
    maps: frozenset[str] = field(init=False)
    booleans: tuple[str, ...] = field(init=False)
    lengths: dict[str, int] = field(init=False)
    defaults: Row = field(init=False)
    names: tuple[str, ...] = field(init=False)
    selected: str = field(init=False)

    def __post_init__(self) -> None:
        columns: dict[str, str] = {}
        maps: set[str] = set()
        lengths: dict[str, int] = {}
        defaults: Row = {}
        for column in self.model._meta.concrete_fields:
            if column.name in {"key", "revision"} | set(self.model.unaudited):
                continue
            target = column.target_field if isinstance(column, models.ForeignKey) else column
            if not isinstance(target, AUDITED_KINDS):
                raise Unaudited(
                    f"{self.name}.{column.name}: audited columns hold text, integers, booleans or JSON objects"
                )
            columns[column.name] = str(column.column)
            if isinstance(target, models.CharField) and target.max_length:
                lengths[column.name] = target.max_length
            if isinstance(column, models.JSONField):
                maps.add(column.name)
                defaults[column.name] = {}
            elif column.null:
                defaults[column.name] = None
            else:
                defaults[column.name] = column.get_default() if column.has_default() else ""
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "maps", frozenset(maps))
        booleans = tuple(name for name, default in defaults.items() if isinstance(default, bool))
        object.__setattr__(self, "booleans", booleans)
        object.__setattr__(self, "lengths", lengths)
        object.__setattr__(self, "defaults", defaults)
        object.__setattr__(self, "names", ("key", "revision", *columns))
        object.__setattr__(self, "selected", ", ".join(f'"{name}"' for name in ("key", "revision", *columns.values())))

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def load(self, values: Iterable[Any]) -> Row:
        """A row from the database's own column values, in the order key, revision, audited columns."""
        row = dict(zip(self.names, values, strict=True))
        for name in self.maps:
            if not isinstance(row[name], dict):
                row[name] = orjson.loads(row[name]) if row[name] != "{}" else {}
        for name in self.booleans:
            row[name] = bool(row[name])
        return row

    def difference(self, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Path -> [old, new] for every audited value that differs; a value equal to nothing is ``None``."""
        changes: dict[str, list[Any]] = {}
        for name in self.columns:
            new = after[name]
            old: Any = before[name] if before else ({} if name in self.maps else None)
            if new is old:
                continue
            if name in self.maps:
                for key in {**old, **new}:
                    was, is_ = old.get(key), new.get(key)
                    if was != is_:
                        changes[f"{name}/{key}"] = [was, is_]
            else:
                old, new = (None if value == "" else value for value in (old, new))
                if old != new:
                    changes[name] = [old, new]
        return changes

    def paths(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row as the fold of the ledger holds it: path -> value, empty values absent."""
        return {path: pair[1] for path, pair in self.difference(None, row).items()}


_REGISTRY: dict[str, RecordType] = {}
_Model = TypeVar("_Model", bound=type[LedgerRecord])


def record(name: str, title: Any, **description: Any) -> Callable[[_Model], _Model]:
    """Class decorator: give a model its audit description under ``name``."""

    def register(model: _Model) -> _Model:
        model.record_name = name  # type: ignore[attr-defined]  # a mark for readers of the class; looked up through record_type()
        _PENDING.append((name, model, title, description))
        return model

    return register


_PENDING: list[tuple[str, type[LedgerRecord], Any, dict[str, Any]]] = []


def record_types() -> dict[str, RecordType]:
    """Every audited type by name. Field types are known only after Django has loaded, hence the late construction."""
    while _PENDING:
        name, model, title, description = _PENDING.pop(0)
        if name in _REGISTRY:
            raise Unaudited(f"two record types are named {name}")
        _REGISTRY[name] = RecordType(name, model, title, **description)
    return _REGISTRY


def record_type(name: str) -> RecordType:
    """The audit description of ``name``; raises ``Unaudited`` when there is none."""
    types = record_types()
    if name not in types:
        raise Unaudited(f"record type {name!r} has no audit description; known: {', '.join(sorted(types))}")
    return types[name]
