"""Triggers that make the database itself refuse to change the past, whoever asks.

Entries, checkpoints and redactions can be added, never updated or deleted; a log cannot be deleted or get shorter.
The one exception is a redaction: the body of an entry may become empty, and nothing else, once ``ledger_redaction``
names it. Whoever owns the database can drop triggers, so they protect from mistakes; what protects from malice is
``verify`` together with checkpoints kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY = ("ledger_entry", "ledger_checkpoint", "ledger_redaction")
GUARDED = (*APPEND_ONLY, "ledger_log")
_REFUSAL = "the ledger is append-only"
_KEPT = ("log", "sequence", "time", "actor", "action", "record", "participant", "leaf")


def _blanks_a_redacted_body(same: str) -> str:
    """The condition under which updating an entry is a redaction; ``same`` is the operator to which NULLs are equal."""
    kept = " AND ".join(f"NEW.{column} {same} OLD.{column}" for column in _KEPT)
    named = "EXISTS (SELECT 1 FROM ledger_redaction r WHERE r.log = OLD.log AND r.sequence = OLD.sequence)"
    return f"NEW.body = '' AND {kept} AND {named}"


def _sqlite() -> Sequence[str]:
    def trigger(name: str, event: str, table: str, when: str = "", *, act: str = "ABORT") -> str:
        condition = f" WHEN {when}" if when else ""
        refusal = "RAISE(IGNORE)" if act == "IGNORE" else f"RAISE(ABORT, '{_REFUSAL}: {table}')"
        return f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table}{condition} BEGIN SELECT {refusal}; END"

    return (
        *(trigger("no_delete", "DELETE", table) for table in GUARDED),
        *(trigger("no_update", "UPDATE", table) for table in APPEND_ONLY[1:]),
        trigger("no_update", "UPDATE", "ledger_entry", f"NOT ({_blanks_a_redacted_body('IS')})"),
        trigger("no_update", "UPDATE", "ledger_log", "NEW.size < OLD.size OR NEW.name <> OLD.name"),
        # INSERT OR REPLACE deletes without firing DELETE triggers.
        trigger(
            "no_replace",
            "INSERT",
            "ledger_entry",
            "NEW.sequence < (SELECT size FROM ledger_log WHERE name = NEW.log)",
        ),
        *(
            trigger(
                "no_replace",
                "INSERT",
                table,
                f"EXISTS (SELECT 1 FROM {table} WHERE log = NEW.log AND {column} = NEW.{column})",
            )
            for table, column in (("ledger_checkpoint", "size"), ("ledger_redaction", "sequence"))
        ),
        trigger(
            "no_replace",
            "INSERT",
            "ledger_log",
            "EXISTS (SELECT 1 FROM ledger_log WHERE name = NEW.name)",
            act="IGNORE",
        ),
    )


def _postgresql() -> Sequence[str]:
    refuse = f"RAISE EXCEPTION '{_REFUSAL}: %', TG_TABLE_NAME"

    def function(name: str, condition: str = "TRUE") -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {condition} THEN {refuse}; END IF; RETURN NEW; END $$"
        )

    def trigger(name: str, event: str, table: str, procedure: str, level: str = "ROW") -> str:
        return (
            f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} FOR EACH {level} EXECUTE FUNCTION {procedure}()"
        )

    return (
        function("ledger_refuse"),
        function("ledger_entry_update", f"NOT ({_blanks_a_redacted_body('IS NOT DISTINCT FROM')})"),
        function("ledger_log_update", "NEW.size < OLD.size OR NEW.name <> OLD.name"),
        *(trigger("no_delete", "DELETE", table, "ledger_refuse") for table in GUARDED),
        *(trigger("no_truncate", "TRUNCATE", table, "ledger_refuse", "STATEMENT") for table in GUARDED),
        *(trigger("no_update", "UPDATE", table, "ledger_refuse") for table in APPEND_ONLY[1:]),
        trigger("no_update", "UPDATE", "ledger_entry", "ledger_entry_update"),
        trigger("no_update", "UPDATE", "ledger_log", "ledger_log_update"),
    )


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers, replacing those that are there. A migration passes ``schema_editor.connection``."""
    uninstall(connection)
    with connection.cursor() as cursor:
        for statement in _postgresql() if connection.vendor == "postgresql" else _sqlite():
            cursor.execute(statement)


def installed(connection: BaseDatabaseWrapper) -> bool:
    """Whether the triggers are there."""
    catalogue = (
        "SELECT tgname FROM pg_trigger WHERE tgname = %s"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue, ["ledger_entry_no_update"])
        return cursor.fetchone() is not None


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Remove the triggers: for reversing the migration, and for tests that tamper."""
    with connection.cursor() as cursor:
        for table in GUARDED:
            for name in ("no_delete", "no_truncate", "no_update", "no_replace"):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{on}")
