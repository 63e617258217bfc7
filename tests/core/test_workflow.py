"""Declared lives of records: who may move what from where, and what that takes."""

import pytest

from helmont.core.errors import ReasonRequired, Refused
from helmont.core.roles import PERMISSIONS
from helmont.core.workflow import Transition, Workflow, workflows

DOOR = Workflow(
    record="test_door",
    field="state",
    states={"shut": "shut", "open": "open", "gone": "gone"},
    transitions=(
        Transition("open", "Open", frozenset({"shut"}), "open", "door.use"),
        Transition("shut", "Shut", frozenset({"open"}), "shut", "door.use"),
        Transition("remove", "Remove", frozenset({"shut", "open"}), "gone", "door.remove", reason=True),
    ),
)


def test_a_record_starts_in_the_first_state_and_moves_along_the_transitions() -> None:
    assert DOOR.target({"state": ""}, "open") == "open"
    assert DOOR.target({"state": "open"}, "shut") == "shut"


def test_a_move_from_elsewhere_is_refused_with_the_moves_there_are() -> None:
    with pytest.raises(Refused, match="“Open” is not possible while this is open") as refusal:
        DOOR.target({"state": "open"}, "open")
    assert refusal.value.details == {"state": "open", "accepted": ["shut", "remove"]}


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_move_that_takes_a_reason_is_refused_without(reason: str) -> None:
    with pytest.raises(ReasonRequired):
        DOOR.target({"state": "open"}, "remove", reason)
    assert DOOR.target({"state": "open"}, "remove", "worn out") == "gone"


def test_the_moves_open_to_somebody_are_those_they_have_the_permission_for() -> None:
    assert [t.name for t in DOOR.available("open", ["door.use"])] == ["shut"]
    assert [t.name for t in DOOR.available("open", ["door.use", "door.remove"])] == ["shut", "remove"]
    assert DOOR.available("gone", ["door.use", "door.remove"]) == []


def test_a_transition_between_states_that_do_not_exist_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"test_gate\.fly: unknown state air"):
        Workflow("test_gate", "state", {"shut": ""}, (Transition("fly", "", frozenset({"shut"}), "air", "door.use"),))


def test_every_transition_of_the_system_takes_a_permission_that_some_role_has() -> None:
    declared = [one for one in workflows() if not one.record.startswith("test_")]
    assert {one.record for one in declared} >= {"form", "query", "participant", "encounter"}
    assert {t.permission for one in declared for t in one.transitions} <= PERMISSIONS
