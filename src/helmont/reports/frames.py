"""The datasets that analyses are made of, with the participant's own row beside every row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from helmont.analysis.arrays import Floats
from helmont.reports.conditions import condition

Places = NDArray[np.int64]
"""Rows of a dataset by their place in it, counted from 0."""
Mask = NDArray[np.bool_]
ROW, DATASET = "_row", "_dataset"


class NotInDatasets(LookupError):
    """A dataset or variable that an analysis needs is not there."""


class Source:
    """A dataset, or several put under each other (``ADLBC + ADLBH``). Variables it lacks are the participant's own."""

    def __init__(self, name: str, frame: pl.DataFrame, participants: pl.DataFrame, key: str) -> None:
        self.name, self.frame, self._participants, self._key = name, frame, participants, key
        self._masks: dict[str, Mask] = {}
        self._columns: dict[str, NDArray[Any]] = {}

    def __len__(self) -> int:
        return self.frame.height

    @cached_property
    def owners(self) -> Places:
        """The place of each row's participant in the participants' dataset; -1 for somebody who is not there."""
        people = self._participants.select(self._key).with_row_index("_place")
        found = self.frame.select(self._key).join(people, on=self._key, how="left", maintain_order="left")
        return found["_place"].cast(pl.Int64).fill_null(-1).to_numpy()

    def _series(self, name: str) -> pl.Series:
        if name in self.frame.columns:
            return self.frame[name]
        if name in self._participants.columns:
            places = pl.Series(self.owners)
            return self._participants[name].gather(places.replace(-1, None)).alias(name)
        raise NotInDatasets(f"{self.name} has no variable {name}, and the participants' dataset neither")

    def values(self, name: str) -> NDArray[Any]:
        """A variable as an array: numbers with NaN for missing, texts with None."""
        if name not in self._columns:
            self._columns[name] = self._series(name).to_numpy()
        return self._columns[name]

    def numbers(self, name: str) -> Floats:
        """A variable as numbers, NaN where it is missing."""
        found = self.values(name)
        return found if found.dtype == np.float64 else found.astype(np.float64)

    def mask(self, where: str) -> Mask:
        """Which rows meet a condition."""
        if where not in self._masks:
            expression, names = condition(where)
            frame = pl.DataFrame({name: self._series(name) for name in names})
            found = frame.select(expression.fill_null(value=False).alias("found"))["found"]
            self._masks[where] = found.to_numpy() if len(found) == len(self) else np.full(len(self), found.item())
        return self._masks[where]

    def identities(self, places: Places) -> dict[str, list[int]]:
        """The ``_row`` of rows, by dataset."""
        part = (
            self.frame.select(DATASET, ROW)[places]
            if DATASET in self.frame.columns
            else self.frame.select(pl.lit(self.name).alias(DATASET), ROW)[places]
        )
        found: dict[str, list[int]] = {}
        for dataset, row in part.iter_rows():
            found.setdefault(dataset, []).append(row)
        return found

    def holding(self, dataset: str, rows: Collection[int]) -> Mask:
        """Which rows are these ``_row`` of a dataset."""
        wanted = pl.col(ROW).is_in(list(rows))
        if DATASET in self.frame.columns:
            wanted &= pl.col(DATASET) == dataset
        elif dataset != self.name:
            wanted = pl.lit(value=False)
        found = self.frame.select(ROW, *filter(self.frame.columns.__contains__, [DATASET])).select(found=wanted)[
            "found"
        ]
        return found.to_numpy() if len(found) == len(self) else np.zeros(len(self), dtype=bool)


class Datasets:
    """Datasets by name; ``participants`` names the one with a row for each participant, found by ``key``."""

    def __init__(self, frames: Mapping[str, pl.DataFrame], participants: str, key: str) -> None:
        self._frames = frames
        self._key = key
        if participants not in frames:
            raise NotInDatasets(f"the dataset {participants} is not there")
        self.participants_name = participants
        self._sources: dict[str, Source] = {}

    def source(self, name: str) -> Source:
        """A dataset by name; raises ``NotInDatasets``."""
        if name not in self._sources:
            parts = [part.strip() for part in name.split("+")]
            if missing := [part for part in parts if part not in self._frames]:
                raise NotInDatasets(f"the dataset {', '.join(missing)} is not there")
            frames = [_numbered(self._frames[part]) for part in parts]
            if len(parts) > 1:
                marked = [
                    frame.with_columns(pl.lit(part).alias(DATASET)) for part, frame in zip(parts, frames, strict=True)
                ]
                frame = pl.concat(marked, how="diagonal_relaxed")
            else:
                frame = frames[0]
            self._sources[name] = Source(name, frame, self._frames[self.participants_name], self._key)
        return self._sources[name]

    @property
    def participants(self) -> Source:
        return self.source(self.participants_name)


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame if ROW in frame.columns else frame.with_row_index(ROW).with_columns(pl.col(ROW).cast(pl.Int64))
