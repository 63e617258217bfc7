"""Names in Define-XML: namespaces, and OIDs in one habit, so that other files of the package speak of the same things."""

from __future__ import annotations

import re

ODM = "http://www.cdisc.org/ns/odm/v1.3"
DEF = "http://www.cdisc.org/ns/def/v2.1"
ARM = "http://www.cdisc.org/ns/arm/v1.0"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
NAMESPACES: dict[str, str] = {"def": DEF, "arm": ARM, "xlink": XLINK, "xml": XML}
CCODE = "nci:ExtCodeID"
"""Context of the Alias that holds an NCI code."""
_OUTSIDE = re.compile(r"[^A-Za-z0-9_.-]+")


def dataset_oid(dataset: str) -> str:
    return f"IG.{dataset}"


def item_oid(dataset: str, variable: str) -> str:
    return f"IT.{dataset}.{variable}"


def value_list_oid(dataset: str, variable: str) -> str:
    return f"VL.{dataset}.{variable}"


def where_oid(dataset: str, variable: str, comparator: str, *values: str) -> str:
    """``WC.VS.VSTESTCD.EQ.SYSBP``."""
    return ".".join(("WC", dataset, variable, comparator, *map(plain, values)))


def value_oid(dataset: str, variable: str, *where: str) -> str:
    """``IT.VS.VSORRES.SYSBP``."""
    return ".".join(("IT", dataset, variable, *map(plain, where)))


def codelist_oid(codelist: str) -> str:
    return f"CL.{plain(codelist)}"


def method_oid(*names: str) -> str:
    return ".".join(("MT", *map(plain, names)))


def comment_oid(*names: str) -> str:
    return ".".join(("COM", *map(plain, names)))


def standard_oid(name: str, version: str) -> str:
    return f"STD.{plain(name)}.{plain(version)}"


def leaf_id(name: str) -> str:
    """The id of a file: ``LF.VS``. Ids are XML names, so they begin with a letter and hold no blank."""
    return f"LF.{plain(name)}"


def plain(text: str) -> str:
    """The text with ``_`` for what an OID or id should not hold."""
    return _OUTSIDE.sub("_", text).strip("_") or "_"
