"""What ``analyses/*.yaml`` may hold. The annotations are read by :mod:`helmont.study.reading`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from helmont.study.kinds import Declares, ExpressionText, LocalId, Refers

AnalysisSetId = Annotated[str, Refers("analysis set")]
DataSubsetId = Annotated[str, Refers("data subset")]
GroupingId = Annotated[str, Refers("grouping")]
Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class AnalysisSet:
    """The participants who count: those whose row of the participants' dataset meets the condition (ARS AnalysisSet)."""

    id: Annotated[str, Declares("analysis set")]
    label: str
    where: ExpressionText


@dataclass(frozen=True, slots=True)
class DataSubset:
    """The rows of a dataset that count (ARS DataSubset)."""

    id: Annotated[str, Declares("data subset")]
    label: str
    where: ExpressionText


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a grouping; ``total`` takes every row, and stands outside comparisons."""

    id: str
    label: str = ""
    where: ExpressionText | None = None
    total: bool = False


@dataclass(frozen=True, slots=True)
class Grouping:
    """How rows are divided (ARS GroupingFactor): into the ``groups`` given, or by the values found in ``variable`` (data driven).

    With ``dataset`` the condition is asked of the participant's row there, whatever dataset is analysed.
    """

    id: Annotated[str, Declares("grouping")]
    label: str
    dataset: str = ""
    variable: str = ""
    groups: tuple[Group, ...] = ()

    @property
    def data_driven(self) -> bool:
        return not self.groups


@dataclass(frozen=True, slots=True)
class Analysis:
    """A method applied to rows of a dataset, once for each combination of ``groups`` (ARS Analysis).

    ``compare`` is the grouping whose groups the method compares, by ``answers`` and within ``strata``; ``denominator`` an
    analysis before this one whose count is the whole of a percentage. With ``extreme`` only the row of each participant counts
    that has the largest value of this variable (the first of them); ``extreme_by`` names variables whose every value has its own.
    """

    id: LocalId
    method: str
    dataset: str
    set: AnalysisSetId
    label: str = ""
    subset: DataSubsetId | None = None
    where: ExpressionText | None = None
    variable: str = ""
    groups: tuple[GroupingId, ...] = ()
    compare: GroupingId | None = None
    answers: GroupingId | None = None
    strata: GroupingId | None = None
    extreme: str = ""
    extreme_by: tuple[str, ...] = ()
    denominator: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Format:
    """How a number is printed, rounded half away from zero.

    Below ``least`` it is ``least_text`` (``<.0001``), above ``most`` ``most_text``; under ``mark_below``
    ``mark`` follows; with ``trim`` zeros at the end of a number without mark are left out.
    """

    id: Annotated[str, Declares("format")]
    decimals: int
    width: int = 0
    least: str = ""
    least_text: str = ""
    most: str = ""
    most_text: str = ""
    mark: str = ""
    mark_below: str = ""
    trim: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column, or with ``columns`` a heading over some; ``each`` repeats it for every group, or for ``only`` some.

    In ``label`` a line ends with ``|``; ``width`` is in characters. ``once`` leaves out what the row above already says.
    Text longer than ``truncate`` is cut, as SAS does when a variable is shorter. ``rule`` is drawn under a heading over columns.
    """

    id: str
    label: str = ""
    each: GroupingId | None = None
    only: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    width: int = 0
    align: Align = "left"
    heading: Align = "center"
    once: bool = False
    rule: str = ""
    truncate: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A line (``cells`` by column, or one ``text`` over all), or ``rows`` repeated for ``each`` group.

    ``having`` names an analysis: groups (or the row) without anybody there are left out. ``sort`` names figures by which the
    groups are put in order, the largest first; groups alike stay in the order of their grouping. ``blank`` is a line left empty.
    """

    text: str = ""
    blank: bool = False
    cells: Mapping[str, str] = field(default_factory=dict)
    each: GroupingId | None = None
    only: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    analysis: str = ""
    having: str = ""
    sort: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Output:
    """A table or figure: what it is called, the analyses it shows, and how (ARS Output).

    In text a line has ``width`` characters, of which ``margin`` are left empty before the table, and a page has ``page`` lines
    between the headings of its columns and its notes (0: all of them).
    """

    id: Annotated[str, Declares("output")]
    number: str
    title: str
    population: str
    analyses: tuple[Analysis, ...]
    kind: Literal["Table", "Figure"] = "Table"
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    footnotes: tuple[str, ...] = ()
    width: int = 106
    margin: int = 0
    page: int = 0
    drawing: Mapping[str, str] = field(default_factory=dict)
    purpose: Literal["PRIMARY OUTCOME MEASURE", "SECONDARY OUTCOME MEASURE", "EXPLORATORY OUTCOME MEASURE"] = (
        "EXPLORATORY OUTCOME MEASURE"
    )


@dataclass(frozen=True, slots=True)
class ReportingEvent:
    """All analyses and outputs of a study's report (ARS ReportingEvent)."""

    id: LocalId
    name: str
    protocol: str
    participants: str
    analysis_sets: tuple[AnalysisSet, ...]
    groupings: tuple[Grouping, ...]
    outputs: tuple[Output, ...]
    subsets: tuple[DataSubset, ...] = ()
    formats: tuple[Format, ...] = ()
    participant: str = "USUBJID"

    def output(self, number: str) -> Output:
        """The output with this number (``14-3.01``); raises ``KeyError``."""
        for output in self.outputs:
            if output.number == number:
                return output
        raise KeyError(number)
