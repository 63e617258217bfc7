"""CDISC Dataset-JSON 1.1: a dataset as JSON, or as NDJSON whose rows can be read one by one.

    ``model``     a dataset with what its columns are called in Define-XML
    ``checking``  what a dataset holds that the format does not take
    ``writing``   both files, in pieces
    ``reading``   both files

Source: CDISC Dataset-JSON 1.1 (dataset.schema.json, dataset-ndjson-schema.json) and its user's guide: a missing text is
``""``, a missing number ``null``; a date kept as a number is written in ISO 8601 with ``targetDataType`` integer.
"""

from helmont.standards.dataset_json.checking import dataset_findings
from helmont.standards.dataset_json.model import Column, Dataset, System
from helmont.standards.dataset_json.reading import read_json, read_ndjson
from helmont.standards.dataset_json.writing import write_json, write_ndjson

__all__ = ["Column", "Dataset", "System", "dataset_findings", "read_json", "read_ndjson", "write_json", "write_ndjson"]
