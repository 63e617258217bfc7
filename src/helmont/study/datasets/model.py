"""The data sets of a study: what a package says of them (docs/datasets.md).

A data set is an ordered list of steps of one vocabulary (:mod:`helmont.study.datasets.vocabulary`) and the variables that
are kept, with what Define-XML says about them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from helmont.study.kinds import CodelistId, Declares

DatasetId = Annotated[str, Declares("dataset")]
Standard = Literal["SDTM", "ADaM"]
Structure = Literal[
    "special purpose", "interventions", "events", "findings", "relationship", "trial design",
    "subject level", "basic data structure", "occurrence", "other",
]  # fmt: skip
"""The classes of SDTM and ADaM."""
VariableType = Literal["text", "integer", "float", "date", "datetime", "time", "partialDate", "partialDatetime"]
"""The data types of Define-XML 2.1 that are used here; ``text``, and dates of SDTM, are character variables of SAS."""
Origin = Literal["collected", "derived", "assigned", "protocol", "predecessor"]


@dataclass(frozen=True, slots=True)
class Step:
    """A word of the vocabulary and what it was given: an object of the word's class of arguments."""

    name: str
    arguments: object


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that is kept, in the order of the data set."""

    name: str
    label: str
    type: VariableType = "text"
    length: int | None = None
    """Characters of a text, at most 200; digits of a number are never cut."""
    decimals: int | None = None
    format: str | None = None
    """How SAS shows it: ``DATE9.``."""
    codelist: CodelistId | None = None
    origin: Origin | None = None
    """Found from the steps when it is not said."""
    source: str | None = None
    """Of a predecessor: ``ADSL.TRTSDT``."""
    method: str | None = None
    """How it is derived, in words."""
    comment: str | None = None
    mandatory: bool = False
    role: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers."""
        return self.type in ("integer", "float") or self.format is not None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set of tabulation (SDTM) or analysis (ADaM)."""

    id: DatasetId
    label: str
    standard: Standard
    structure: Structure
    records: str
    """What one record is: ``One record per vital sign measurement per visit per subject``."""
    keys: tuple[str, ...]
    variables: tuple[Variable, ...]
    steps: tuple[Step, ...]
    internal: bool = False
    """Whether it only helps to make the others and is not submitted."""
    scope: Literal["participant", "study"] = "participant"
    """Whether it is made for each participant, or once from the protocol."""
    privilege: Literal["allocation", "source"] | None = None
    """Who may see it at all; single variables follow from the items that they were made of."""
    comment: str | None = None
    hidden: Mapping[str, Literal["allocation", "source"]] = field(default_factory=dict)
    """Variables that need a privilege."""

    def variable(self, name: str) -> Variable | None:
        """The variable of that name, when it is kept."""
        return next((variable for variable in self.variables if variable.name == name), None)
