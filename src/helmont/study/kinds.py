"""The kinds of text a study definition is made of, as annotations of the model's fields.

``read`` in :mod:`helmont.study.reading` follows these annotations, so the model is the only place that says what a
package may hold: an ``Id`` is checked as an id, a ``FormId`` must name a form that is declared, an ``ExpressionText``
must be CEL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal


@dataclass(frozen=True, slots=True)
class Declares:
    """The text is an id; within the study no two things of this kind share it."""

    kind: str


@dataclass(frozen=True, slots=True)
class Refers:
    """The text is the id of something of this kind declared elsewhere in the study."""

    kind: str


@dataclass(frozen=True, slots=True)
class Written:
    """The text is written in a language of its own."""

    language: Literal["cel", "regex", "ucum", "duration", "language", "country", "media_type"]


LocalId = Annotated[str, Declares("")]
"""An id unique within its form or list only."""
ExpressionText = Annotated[str, Written("cel")]
PatternText = Annotated[str, Written("regex")]
UnitCode = Annotated[str, Written("ucum")]
Duration = Annotated[str, Written("duration")]
LanguageCode = Annotated[str, Written("language")]
CountryCode = Annotated[str, Written("country")]
DateText = Annotated[str, Written("date")]
MediaType = Annotated[str, Written("media_type")]
FormId = Annotated[str, Refers("form")]
CodelistId = Annotated[str, Refers("codelist")]
DictionaryId = Annotated[str, Refers("dictionary")]
EncounterId = Annotated[str, Refers("encounter")]
EpochId = Annotated[str, Refers("epoch")]
ArmId = Annotated[str, Refers("arm")]
ActivityId = Annotated[str, Refers("activity")]
AnalyteId = Annotated[str, Refers("analyte")]
ObjectiveId = Annotated[str, Refers("objective")]
