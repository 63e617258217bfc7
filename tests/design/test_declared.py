"""A design is its settings: its digest follows them, and they give it back."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from helmont.design import DESIGNS, Declared, DesignError
from helmont.design.checking import increasing, outcomes, probabilities
from helmont.design.results import Result, plain


@dataclass(frozen=True, kw_only=True)
class Coin(Declared):
    heads: float = 0.5
    sides: tuple[str, ...] = ("heads", "tails")
    inner: Declared | None = None


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DESIGNS, "Coin", Coin)


def test_settings_give_the_design_back() -> None:
    coin = Coin(heads=0.25, inner=Coin())
    written = json.loads(json.dumps(coin.to_dict()))
    assert Declared.from_dict(written) == coin == Coin.from_dict(written)
    assert Declared.from_dict(written).digest == coin.digest != Coin().digest


def test_a_whole_number_is_the_same_setting_with_a_point() -> None:
    assert Coin(heads=1).digest == Coin(heads=1.0).digest != Coin(heads=1.5).digest
    assert Coin(heads=1.0).canonical == '{"design":"Coin","heads":1,"inner":null,"sides":["heads","tails"]}'


def test_what_is_no_design_is_refused() -> None:
    with pytest.raises(DesignError, match=r"one of .*Coin"):
        Declared.from_dict({"design": "Dice"})
    with pytest.raises(DesignError, match=r"edges is 2; it must be a setting of Coin: heads"):
        Declared.from_dict({"design": "Coin", "edges": 2})


def test_what_json_has_no_number_for_is_given_back() -> None:
    coin = Coin(heads=float("-inf"))
    assert coin.to_dict()["heads"] == "-inf"
    assert Coin.from_dict(json.loads(coin.canonical)) == coin
    assert coin.digest != Coin(heads=float("inf")).digest


def test_a_fault_passes_between_processes() -> None:
    fault = pickle.loads(pickle.dumps(DesignError("target", 2, "between 0 and 1")))
    assert (str(fault), fault.setting) == ("target is 2; it must be between 0 and 1", "target")


def test_a_setting_without_a_default_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class Die(Declared):
        sides: int

    monkeypatch.setitem(DESIGNS, "Die", Die)
    with pytest.raises(DesignError, match=r"sides is None; it must be given: Die has no default for it"):
        Declared.from_dict({"design": "Die"})
    assert Declared.from_dict({"design": "Die", "sides": 6}) == Die(6)


def test_only_what_is_used_is_loaded_and_a_name_from_a_file_is_found_without() -> None:
    script = (
        "import sys; from helmont.design import Declared, Boin;"
        "assert 'helmont.design.dose_finding.crm' not in sys.modules and 'scipy.optimize' not in sys.modules;"
        "print(Declared.from_dict({'design': 'Pocock'}).kind)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "Pocock\n"


@dataclass(frozen=True)
class Toss(Result):
    share: float
    counts: np.ndarray[tuple[int], np.dtype[np.int64]]


def test_results_become_json_and_a_frame() -> None:
    toss = Toss(share=float("nan"), counts=np.array([3, 4]))
    assert toss.to_dict() == {"share": None, "counts": [3, 4]}
    assert toss.frame().to_dicts() == [{"share": None, "counts": [3, 4]}]
    with pytest.raises(TypeError, match="object has no plain form"):
        plain(object())


@pytest.mark.parametrize(
    ("n", "dlt", "message"),
    [
        ((3, 3), (0,), r"dlt is \(0,\); it must be 2 counts"),
        ((3, -1), (0, 0), r"n\[2\] is -1"),
        ((3, 2), (0, 3), r"dlt\[2\] is 3; it must be a whole number of at least 0 and at most 2"),
        ((3, 2.5), (0, 1), r"n\[2\] is 2.5"),
    ],
)
def test_impossible_outcomes_are_refused(n: tuple[int, ...], dlt: tuple[int, ...], message: str) -> None:
    with pytest.raises(DesignError, match=message):
        outcomes(n, dlt, 2)


def test_skeletons_rise() -> None:
    increasing("skeleton", probabilities("skeleton", (0.1, 0.2)))
    with pytest.raises(DesignError, match=r"skeleton\[3\] is 0.2; it must be above 0.2"):
        increasing("skeleton", (0.1, 0.2, 0.2))
    with pytest.raises(DesignError, match=r"skeleton\[2\] is nan"):
        probabilities("skeleton", (0.1, float("nan")))
