"""Randomisation: replayable lists, minimisation that knows no names, allocation that follows responses within its caps."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.design import (
    BigStick,
    CompleteRandomisation,
    Declared,
    DesignError,
    EfronCoin,
    Minimisation,
    PermutedBlocks,
    ResponseAdaptive,
    Urn,
)
from helmont.design.randomisation.adaptive import best

DESIGNS = [
    CompleteRandomisation(3, (2, 1, 1)),
    EfronCoin(),
    BigStick(limit=2),
    Urn(3, balls=1, added=2),
    PermutedBlocks(2, (2, 1), sizes=(3, 6), strata=("men", "women")),
]


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.kind)
def test_a_seed_gives_a_list_again(design: CompleteRandomisation) -> None:
    made = design.generate(40, seed=7)
    assert made == design.generate(40, seed=7) != design.generate(40, seed=8)
    for stratum in design.strata or ("",):
        assert design.generate(60, seed=7).stratum(stratum)[:40] == made.stratum(stratum)
    assert made.frame().height == 40 * len(design.strata or ("",))
    assert Declared.from_dict(json.loads(json.dumps(design.to_dict()))) == design
    found = design.diagnose(30, trials=200, seed=1)
    assert sum(found.arms) == pytest.approx(1)
    assert len(set(design.parts)) > 1 or found.correct_guess > found.chance - 4 * found.correct_guess_error


def test_the_first_entries_stay_what_they_are() -> None:
    """Generators may never change what a seed gives."""
    assert PermutedBlocks(sizes=(4, 6)).generate(12, seed=2026).stratum() == (1, 2, 1, 2, 2, 1, 2, 1, 1, 1, 2, 2)
    assert EfronCoin().generate(8, seed=2026).stratum() == (1, 2, 1, 2, 2, 2, 1, 1)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=2, max_size=4), st.integers(0, 10_000))
def test_every_block_has_the_ratio(ratio: list[int], seed: int) -> None:
    least = sum(ratio)
    design = PermutedBlocks(len(ratio), tuple(ratio), sizes=(least, 2 * least))
    entries = design.generate(6 * least, seed).entries
    for block in range(1, entries[-1].block or 1):
        arms = [entry.arm for entry in entries if entry.block == block]
        assert [arms.count(arm) * least for arm in range(1, len(ratio) + 1)] == [part * len(arms) for part in ratio]


def test_predictability_is_that_of_theory() -> None:
    """Blackwell & Hodges 1957: in a block of 2 m the strategy is right m + (4**m / C(2m, m) - 1) / 2 times."""
    m = 3
    found = PermutedBlocks(sizes=(2 * m,)).diagnose(2 * m, trials=20_000, seed=5)
    theory = (m + (4**m / comb(2 * m, m) - 1) / 2) / (2 * m)
    assert found.correct_guess == pytest.approx(theory, abs=4 * found.correct_guess_error)
    assert CompleteRandomisation().diagnose(50, 2000, seed=1).correct_guess == pytest.approx(0.5, abs=0.01)
    stick = BigStick(limit=2).diagnose(50, 2000, seed=1)
    assert max(stick.largest) == 2
    assert 0 < stick.certain < 0.5


def test_a_coin_keeps_the_balance_of_efron() -> None:
    """Efron 1971: after many, and an even number of, patients the arms are even with probability 1 - 1 / r, where r = p / (1 -
    p)."""
    coin = EfronCoin(coin=2 / 3)
    arms, _, _ = coin.allocate(np.random.default_rng(3).random((20_000, 60, 2)))
    even = ((arms == 1).sum(axis=1) == 30).mean()
    assert even == pytest.approx(1 / 2, abs=0.015)


def test_audits_see_what_was_changed() -> None:
    design = PermutedBlocks(sizes=(4,), strata=("a", "b"))
    made = design.generate(8, seed=2**100 + 1)
    used = {"a": list(made.stratum("a")[:5]), "b": list(made.stratum("b"))}
    assert design.audit(made, made.seal, used).holds
    other = replace(made, entries=(replace(made.entries[0], arm=3 - made.entries[0].arm), *made.entries[1:]))
    assert [fault.split(" ")[0] for fault in design.audit(other, made.seal).faults] == ["the", "the"]
    used["a"][2] = 3 - used["a"][2]
    [fault] = design.audit(made, made.seal, used).faults
    assert fault.startswith("stratum 'a', entry 3: arm")
    assert "9 allocations, but 8 entries" in design.audit(made, made.seal, {"b": [*made.stratum("b"), 1]}).faults[0]
    assert "is of the design" in replace(design, sizes=(8,)).audit(made, made.seal).faults[0]


FACTORS = (("site", (1, 2, 3)), ("sex", ("f", "m")))
PATIENTS = st.lists(st.tuples(st.sampled_from((1, 2, 3)), st.sampled_from(("f", "m"))), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(
    PATIENTS, st.data(), st.sampled_from(["range", "sd", "variance"]), st.sampled_from(list(permutations((1, 2, 3))))
)
def test_relabelling_arms_changes_nothing(
    patients: list[tuple[int, str]], data: st.DataObject, measure: str, to: tuple[int, ...]
) -> None:
    assigned = data.draw(st.lists(st.integers(1, 3), min_size=len(patients) - 1, max_size=len(patients) - 1))
    ratio = (1, 2, 3)
    one = Minimisation(FACTORS, 3, ratio, (0.7, 0.3), measure, 0.85)  # type: ignore[arg-type]
    renamed = [0] * 3
    for arm, name in enumerate(to):
        renamed[name - 1] = ratio[arm]
    other = replace(one, ratio=tuple(renamed))
    here = one.assign(patients[-1], patients[:-1], assigned, draw=0.1)
    there = other.assign(patients[-1], patients[:-1], [to[arm - 1] for arm in assigned], draw=0.1)
    assert [there.imbalance[name - 1] for name in to] == pytest.approx(here.imbalance, abs=1e-9)
    assert sorted(to[arm - 1] for arm in here.preferred) == list(there.preferred)
    assert [there.probabilities[name - 1] for name in to] == pytest.approx(here.probabilities)
    assert sum(here.probabilities) == pytest.approx(1)


def test_minimisation_replays_and_balances() -> None:
    minimisation = Minimisation({"site": (1, 2, 3), "sex": ("f", "m")}, probability=0.9)  # type: ignore[arg-type]
    assert minimisation == Minimisation(FACTORS, probability=0.9)
    patients: list[dict[str, str | int]] = [{"site": place % 3 + 1, "sex": "fm"[place % 2]} for place in range(12)]
    made = minimisation.allocate(patients, seed=4)
    assert made == minimisation.allocate(patients, seed=4)
    assert made[5] == minimisation.assign(patients[5], patients[:5], [each.arm for each in made[:5]], seed=4)
    assert made[0].probabilities == (0.5, 0.5)
    biased, fair = (
        minimisation.diagnose(60, 300, seed=1),
        replace(minimisation, probability=0.5).diagnose(60, 300, seed=1),
    )
    assert biased.imbalance[-1] < fair.imbalance[-1] / 2
    assert biased.correct_guess > fair.correct_guess
    assert minimisation.assign({"site": 1, "sex": "f"}, draw=0.999).arm == 2


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PermutedBlocks(2, (2, 1), sizes=(4,)), "sizes is .4,.; it must be multiples of 3"),
        (lambda: EfronCoin(coin=0.4), "coin is 0.4"),
        (lambda: BigStick(arms=3), "1 to 1, of two arms"),
        (lambda: Urn(2, (1, 1, 1)), "ratio is .1, 1, 1."),
        (lambda: Minimisation(FACTORS, measure="entropy"), "range, sd or variance"),  # type: ignore[arg-type]
        (lambda: Minimisation(FACTORS, weights=(1.0,)), "2 numbers, one a factor"),
        (lambda: Minimisation(FACTORS).assign((4, "f")), "site is 4; it must be one of 1, 2, 3"),
        (lambda: Minimisation(FACTORS).assign({"site": 1}), "a level of each of site, sex"),
        (lambda: Minimisation(FACTORS).assign((1, "f"), [(1, "f")], [3]), r"assigned\[1\] is 3"),
        (lambda: ResponseAdaptive(least=0.7), "least is 0.7"),
        (lambda: ResponseAdaptive().probabilities((3, 3), (4, 0)), r"responses\[1\] is 4"),
    ],
)
def test_what_cannot_be_is_refused(make: object, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        make()  # type: ignore[operator]


def test_the_probability_to_be_best_is_that_of_brute_force() -> None:
    n, responses = np.array([[10, 12, 0], [200, 180, 190]]), np.array([[3, 7, 0], [90, 81, 60]])
    draws = np.random.default_rng(0).beta((responses + 1)[..., None], (n - responses + 1)[..., None], (2, 3, 200_000))
    theirs = np.stack([(draws.argmax(axis=1) == arm).mean(axis=1) for arm in range(3)], axis=1)
    assert best(n, responses) == pytest.approx(theirs, abs=0.005)
    x = np.array([[30, 30]])
    assert best(x, np.array([[0, 0]]))[0] == pytest.approx((0.5, 0.5))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=3),
    st.sampled_from(["thompson", "optimal", "neyman"]),
)
def test_response_adaptive_chances_keep_within_caps(counts: list[tuple[int, int]], rule: str) -> None:
    design = ResponseAdaptive(3, 120, rule, burn_in=2, least=0.15, most=0.6)  # type: ignore[arg-type]
    n, responses = [max(pair) for pair in counts], [min(pair) for pair in counts]
    chances = design.probabilities(n, responses)
    assert sum(chances) == pytest.approx(1)
    if min(n) >= 2:
        assert all(0.15 - 1e-9 <= chance <= 0.6 + 1e-9 for chance in chances)
    assert design.probabilities(n[::-1], responses[::-1])[::-1] == pytest.approx(chances)


def test_patients_go_where_responses_are() -> None:
    design = ResponseAdaptive(2, 60, burn_in=5, tempering=1.0, every=5)
    found = design.simulate((0.2, 0.6), 300, seed=1)
    assert found == design.simulate((0.2, 0.6), 300, seed=1)
    assert found.patients[1] > 40
    assert found.best[1] > 0.95
    assert sum(found.patients) == pytest.approx(60)
    assert design.probabilities((4, 5), (0, 0)) == (1.0, 0.0)
    assert design.assign((4, 5), (0, 0), draw=0.99) == 1


def test_a_measure_is_read_in_either_case() -> None:
    spread = Minimisation({"sex": ("F", "M")}, measure="Var")  # type: ignore[arg-type]
    assert spread == Minimisation({"sex": ("F", "M")}, measure="variance")  # type: ignore[arg-type]
