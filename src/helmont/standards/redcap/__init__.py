"""REDCap data dictionaries (CSV) as study definitions: instruments become forms, branching logic and calculations CEL."""

from helmont.standards.redcap.reading import read_redcap

__all__ = ["read_redcap"]
