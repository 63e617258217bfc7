"""Make Python's ``sqlite3`` the one from the ``pysqlite3`` wheel, whose SQLite is recent.

SQLite before 3.51.3 can corrupt a write-ahead log when two connections write or checkpoint at the same time
(sqlite.org, release notes of 3.51.3). Debian 12 ships 3.40. Django imports ``sqlite3`` by name, so the newer module
takes that name before Django starts; this has to happen before the first ``import sqlite3`` of the database backend.
"""

import sys
from importlib import import_module

SAFE_VERSION = (3, 51, 3)


def use_recent_sqlite() -> str:
    """Put the recent module in place and return its SQLite version; raise ``RuntimeError`` if none is safe."""
    try:
        sys.modules["sqlite3"] = import_module("pysqlite3")
        sys.modules["sqlite3.dbapi2"] = import_module("pysqlite3.dbapi2")
    except ModuleNotFoundError:  # no wheel for this platform: Python's own may be recent enough
        pass
    module = import_module("sqlite3")
    if module.sqlite_version_info < SAFE_VERSION:
        raise RuntimeError(
            f"SQLite {module.sqlite_version} can corrupt a database under concurrent writers; "
            f"{'.'.join(map(str, SAFE_VERSION))} or later is needed (pip install pysqlite3), or use PostgreSQL."
        )
    return str(module.sqlite_version)
