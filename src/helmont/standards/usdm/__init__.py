"""USDM 4.0 (CDISC Unified Study Definitions Model): study definitions as JSON, in and out.

``read_usdm`` answers with the study and with what was changed or left behind, each with its JSON pointer and line.
``write_usdm`` gives a document that reads back as an equal study: what USDM has no place for (forms, edit checks,
translations) travels in extension attributes, which others may ignore.
"""

from helmont.standards.usdm.reading import read_usdm
from helmont.standards.usdm.writing import write_usdm

__all__ = ["read_usdm", "write_usdm"]
