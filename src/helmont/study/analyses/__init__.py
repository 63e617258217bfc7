"""The analyses of a study and the tables they are shown in, as data: the ``analyses/`` folder of a study package.

The words are those of the CDISC Analysis Results Standard v1.0: a reporting event holds analysis sets, data subsets, groupings,
analyses (each by a method) and outputs. What a table looks like (columns, rows, formats, footnotes) stands beside them.
"""

from helmont.study.analyses.model import (
    Analysis,
    AnalysisSet,
    Column,
    DataSubset,
    Format,
    Group,
    Grouping,
    Output,
    ReportingEvent,
    Row,
)

__all__ = [
    "Analysis",
    "AnalysisSet",
    "Column",
    "DataSubset",
    "Format",
    "Group",
    "Grouping",
    "Output",
    "ReportingEvent",
    "Row",
]
