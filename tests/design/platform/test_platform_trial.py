"""A platform as a declared design: its decisions during the trial, its amendments, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helmont.design import BinaryEndpoint, Declared, DesignError, NormalEndpoint, PlatformArm, PlatformTrial
from helmont.design.platform.allocating import best, dealt, limited, shares
from helmont.design.platform.posterior import beta_greater
from helmont.design.platform.settings import CONTROLS

ARMS = (PlatformArm("A", cap=100), PlatformArm("B", cap=100), PlatformArm("C", cap=100, enters=150))
PLATFORM = PlatformTrial(arms=ARMS, every=75)
PATIENTS = {"control": (25, 25, 25), "A": (25, 25, 0), "B": (25, 25, 25), "C": (0, 0, 25)}
RESPONSES = {"control": (6, 7, 9), "A": (12, 15, 0), "B": (6, 8, 9), "C": (0, 0, 3)}


def test_a_platform_is_its_settings() -> None:
    written = json.loads(json.dumps(PLATFORM.to_dict()))
    assert Declared.from_dict(written) == PLATFORM
    assert Declared.from_dict(written).digest == PLATFORM.digest
    assert hash(PLATFORM) == hash(PlatformTrial.from_dict(written))
    assert replace(PLATFORM, controls="pooled").digest != PLATFORM.digest


def test_every_arm_is_decided_with_its_reason() -> None:
    found = PLATFORM.next(PATIENTS, RESPONSES)
    a, b, c = found.arms
    expected = beta_greater(1 + 27, 1 + 23, 1 + 13, 1 + 37)
    assert a.action == "graduate"
    assert a.probability == pytest.approx(float(expected))
    assert f"{float(expected):.4f}, above 0.975" in a.reason
    assert (b.action, b.reason) == (
        "continue",
        f"the probability of an effect above 0 is {b.probability:.4f}: neither above 0.975 nor futile",
    )
    assert c.action == "drop"
    assert "below 0.1" in c.reason
    assert (a.patients, a.concurrent, a.other) == (50, 50, 25)
    assert (c.patients, c.concurrent, c.other) == (25, 25, 50)
    assert found.allocation == {"control": 0.5, "B": 0.5}
    assert found.statement == CONTROLS["concurrent"]
    assert found.digest == PLATFORM.digest
    assert found.frame()["allocation"].to_list() == [0.0, 0.5, 0.0]
    assert json.dumps(found.to_dict())


def test_alternatives_are_what_other_treatments_of_controls_would_say() -> None:
    found = PLATFORM.next(PATIENTS, RESPONSES)
    for arm in found.arms:
        assert set(arm.alternatives) == set(CONTROLS) - {"concurrent"}
    for controls in CONTROLS:
        other = replace(PLATFORM, controls=controls).next(PATIENTS, RESPONSES)
        assert other.statement == CONTROLS[controls]
        if controls != "concurrent":
            assert [each.alternatives[controls] for each in found.arms] == pytest.approx(
                [each.probability for each in other.arms]
            )
    margin = replace(PLATFORM, margin=0.1).next(PATIENTS, RESPONSES)
    assert set(margin.arms[0].alternatives) == {"pooled", "discounted", "robust"}


def test_an_arm_may_have_its_last_patient_and_wait() -> None:
    design = PlatformTrial(arms=(PlatformArm("A", cap=50),), every=50)
    waiting = design.next(
        {"control": (25, 20), "A": (25, 20)},
        {"control": (9, 8), "A": (11, 9)},
        enrolled={"control": (25, 25), "A": (25, 25)},
    )
    assert waiting.arms[0].action == "continue"
    assert "its last patient is in and outcomes are pending" in waiting.arms[0].reason
    assert waiting.arms[0].known == 45
    assert waiting.allocation == {}
    done = design.next({"control": (25, 25), "A": (25, 25)}, {"control": (9, 9), "A": (11, 10)})
    assert done.arms[0].action == "cap"
    assert "its 50 patients are in and known" in done.arms[0].reason
    early = replace(design, least=40).next({"control": (25,), "A": (25,)}, {"control": (0,), "A": (25,)})
    assert early.arms[0].action == "continue"
    assert "25 outcomes are known of the 40" in early.arms[0].reason


def test_arms_enter_when_their_time_has_come_and_there_is_room() -> None:
    patients, responses = (
        {"control": (25, 25), "A": (25, 25), "B": (25, 25)},
        {"control": (6, 7), "A": (8, 7), "B": (6, 8)},
    )
    found = PLATFORM.next(patients, responses)
    assert [each.action for each in found.arms] == ["continue", "continue", "waiting"]
    assert found.arms[2].reason == "it has not enrolled: it enters at 150"
    assert found.allocation == {"control": 0.25, "A": 0.25, "B": 0.25, "C": 0.25}
    assert set(replace(PLATFORM, most_open=2).next(patients, responses).allocation) == {"control", "A", "B"}
    assert set(PLATFORM.next(patients, responses, time=149).allocation) == {"control", "A", "B"}
    closed = PLATFORM.next(patients, responses, closed=("A", "B"), time=100)
    assert [each.action for each in closed.arms] == ["closed", "closed", "waiting"]
    assert set(closed.allocation) == {"control", "C"}


def test_an_amendment_is_another_design_that_names_the_one_before() -> None:
    more = PLATFORM.adding(PlatformArm("D", cap=80, enters=225))
    assert [each.name for each in more.arms] == ["A", "B", "C", "D"]
    assert more.amends == PLATFORM.digest != more.digest
    fewer = more.dropping("B", at=225)
    assert fewer.amends == more.digest
    found = fewer.next(PATIENTS, RESPONSES)
    assert found.digest == fewer.digest
    assert (found.arms[1].action, found.arms[1].reason) == ("withdrawn", "the design closes it at 225")
    assert found.arms[3].action == "waiting"
    with pytest.raises(DesignError, match="one of A, B, C"):
        PLATFORM.dropping("Z", 10)
    with pytest.raises(DesignError, match="a name that no other arm has"):
        PLATFORM.adding(PlatformArm("A", cap=10))


@settings(max_examples=25, deadline=None)
@given(st.data(), st.sampled_from(sorted(CONTROLS)))
def test_names_and_order_of_arms_do_not_matter(data: st.DataObject, controls: str) -> None:
    n = {name: tuple(data.draw(st.integers(0, 20)) for _ in range(3)) for name in ("A", "B", "C")}
    n["control"] = tuple(data.draw(st.integers(1, 20)) for _ in range(3))
    r = {name: tuple(data.draw(st.integers(0, each)) for each in counts) for name, counts in n.items()}
    arms = tuple(PlatformArm(name, cap=60) for name in ("A", "B", "C"))
    design = PlatformTrial(arms=arms, controls=controls)  # type: ignore[arg-type]
    found = {each.arm: each for each in design.next(n, r).arms}
    turned = {each.arm: each for each in replace(design, arms=arms[::-1]).next(n, r).arms}
    for name, arm in found.items():
        assert turned[name].probability == pytest.approx(arm.probability, abs=1e-6)
        assert (turned[name].action, turned[name].concurrent) == (arm.action, arm.concurrent)
        assert 0 <= arm.probability <= 1
    unseen = design.adding(PlatformArm("D", cap=60)).next(n, r)
    for arm in unseen.arms[:3]:
        assert arm.probability == pytest.approx(found[arm.arm].probability, abs=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(sorted(CONTROLS)), st.integers(0, 18), st.integers(0, 20))
def test_one_more_response_is_never_worse(controls: str, a: int, b: int) -> None:
    """Short of everybody, where the normal approximation of the models falls by a few ten-thousandths (Hauck & Donner)."""
    design = PlatformTrial(arms=ARMS, controls=controls)  # type: ignore[arg-type]
    n = {"control": (20, 20), "A": (20, 20), "B": (0, 20)}
    before = design.next(n, {"control": (7, 8), "A": (8, 9), "B": (0, a)}).arms[1].probability
    after = design.next(n, {"control": (7, 8), "A": (8, 9), "B": (0, a + 1)}).arms[1].probability
    assert after >= before - 1e-7
    worse = replace(design, lower_is_better=True).next(n, {"control": (7, 8), "A": (8, 9), "B": (0, b)}).arms[1]
    better = design.next(n, {"control": (7, 8), "A": (8, 9), "B": (0, b)}).arms[1]
    assert worse.probability == pytest.approx(1 - better.probability, abs=1e-6)


def test_means_are_decided_by_sums_and_squares() -> None:
    design = PlatformTrial(arms=(PlatformArm("A", cap=60),), endpoint=NormalEndpoint(None), every=40)
    data = ({"control": (20, 20), "A": (20, 20)}, {"control": (1.0, 3.0), "A": (14.0, 16.5)})
    squares = {"control": (21.0, 18.0), "A": (30.0, 33.0)}
    found = design.next(*data, squares=squares).arms[0]
    assert found.action == "graduate"
    assert found.effect == pytest.approx((30.5 - 4) / 40)
    with pytest.raises(DesignError, match=r"squares\['A'\]\[2\] is 3.0; it must be at least 13.6"):
        design.next(*data, squares={**squares, "A": (30.0, 3.0)})
    with pytest.raises(DesignError, match=r"squares\['control'\]\[1\] is 0.0"):
        design.next(*data)
    known = replace(design, endpoint=NormalEndpoint(1.0)).next(*data)
    assert known.arms[0].deviation == pytest.approx((2 / 40) ** 0.5)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=4, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
    st.sampled_from(["equal", "sqrt", "ratio", "better", "thompson"]),
    st.floats(0.2, 3),
    st.integers(2, 90),
    st.booleans(),
)
def test_patients_go_to_open_arms_and_the_control(
    better: list[float], opened: list[bool], allocation: Any, ratio: float, patients: int, blocks: bool
) -> None:
    here = np.array([opened])
    values = np.array([better])
    found = shares(
        allocation,
        here,
        ratio=ratio,
        tempering=0.5,
        limits=(0.1, 0.6),
        better=values,
        mean=values,
        deviation=values + 0.1,
    )
    counts = dealt(np.random.default_rng(patients), found, patients, blocks)
    if not any(opened):
        assert found.sum() == counts.sum() == 0
        return
    assert found.sum() == pytest.approx(1)
    assert ((found[0, 1:] > 0) == here[0]).all()
    control = {"equal": 1.0, "sqrt": sum(opened) ** 0.5}.get(allocation, ratio)
    assert found[0, 0] == pytest.approx(control / (control + sum(opened)))
    assert counts.sum() == patients
    assert (counts[0, 1:][~here[0]] == 0).all()
    if blocks:
        assert (np.abs(counts - patients * found) < 1 + 1e-6).all()


def test_limits_hold_and_the_best_is_likely() -> None:
    opened = np.array([[True, True, True, False]])
    found = limited(np.array([[0.9, 0.08, 0.02, 0.0]]), opened, (0.1, 0.7))
    assert found[0] == pytest.approx([0.7, 0.18, 0.12, 0.0], abs=1e-6)
    assert limited(np.array([[1.0, 0.0, 0.0, 0.0]]), opened, (0.5, 0.9))[0, :3] == pytest.approx([1 / 3] * 3)
    probable = best(np.array([[0.0, 1.0, 0.0, 9.0]]), np.full((1, 4), 0.5), opened)
    assert probable[0] == pytest.approx([0.068, 0.864, 0.068, 0.0], abs=0.003)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"arms": ()}, "one or more of PlatformArm"),
        ({"arms": ("A",)}, r"arms\[1\] is 'A'; it must be a PlatformArm"),
        ({"arms": (ARMS[0], ARMS[0])}, r"arms\[2\] is 'A'; it must be a name that no other arm has"),
        ({"endpoint": "binary"}, "a BinaryEndpoint or a NormalEndpoint"),
        ({"controls": "all"}, "one of concurrent, concurrent-adjusted, pooled"),
        ({"allocation": "random"}, "one of equal, sqrt, ratio, better, thompson"),
        ({"randomisation": "coin"}, "one of blocks, simple"),
        ({"every": 1}, "every is 1"),
        ({"success": 1.0}, "success is 1.0"),
        ({"futility": 0.98}, "futility is 0.98; it must be between 0 and 0.975"),
        ({"margin": 1.5}, "margin is 1.5"),
        ({"margin": 0.1, "controls": "time-adjusted"}, "0 with 'time-adjusted' controls, whose effects are log odds"),
        ({"futility_margin": 0.1, "controls": "time-machine"}, "futility_margin is 0.1"),
        ({"limits": (0.6, 0.2)}, "the least part and the most"),
        ({"smoothing": ()}, "one deviation or more"),
        ({"ratio": 1000}, "ratio is 1000.0; it must be between 0 and 100"),
        ({"lower_is_better": "no"}, "lower_is_better is 'no'; it must be True or False"),
        ({"accrual": 0}, "accrual is 0"),
        ({"most_open": 0}, "most_open is 0"),
        ({"amends": 3}, "the digest of a design"),
    ],
)
def test_what_no_platform_can_have_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        PlatformTrial(**{"arms": ARMS, **given})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PlatformArm("control", cap=3), "a name of the arm that is not 'control'"),
        (lambda: PlatformArm("A", cap=0), "cap is 0"),
        (lambda: PlatformArm("A", cap=9, enters=-1), "enters is -1"),
        (lambda: PlatformArm("A", cap=9, enters=5, leaves=5), "leaves is 5"),
        (lambda: BinaryEndpoint((0.1, 1.0)), "prior is 0.1"),
        (lambda: BinaryEndpoint(1.0), "two numbers of at least 0.5"),  # type: ignore[arg-type]
        (lambda: NormalEndpoint(-1.0), "deviation is -1"),
        (lambda: PLATFORM.next({}, {}), "of 'control' at least"),
        (lambda: PLATFORM.next({"control": (5,), "D": (5,)}, {}), "by arm: control, A, B, C"),
        (lambda: PLATFORM.next({"control": (5,), "A": (5, 5)}, {}), "1 numbers, one a period"),
        (lambda: PLATFORM.next({"control": (5,), "A": (5,)}, {"A": (6,)}), r"outcomes\['A'\]\[1\] is 6; it must be .* at most 5"),
        (lambda: PLATFORM.next({"control": (5,), "A": (4.5,)}, {}), r"patients\['A'\]\[1\] is 4.5"),  # type: ignore[dict-item]
        (lambda: PLATFORM.next({"control": (5,)}, {}, enrolled={"control": (4,)}), r"enrolled\['control'\]\[1\] is 4"),
        (lambda: PLATFORM.next({"control": (5,), "A": (101,)}, {}), "enrolled is 101; it must be at most 100 in 'A', its cap"),
        (lambda: PLATFORM.next(PATIENTS, RESPONSES, closed=("Z",)), "closed is 'Z'; it must be one of A, B, C"),
    ],
)  # fmt: skip
def test_impossible_parts_and_data_are_refused(make: Any, message: str) -> None:
    with pytest.raises(DesignError, match=message):
        make()
