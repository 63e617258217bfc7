"""What plans of different formats have in common."""

from __future__ import annotations

from collections import deque

from helmont.participants.actions import PARTICIPANT


def transitions(start: str, wanted: str) -> list[str] | None:
    """The fewest transitions from one status of a participant to another; None when none leads there."""
    reached: dict[str, list[str]] = {start: []}
    waiting = deque([start])
    while waiting:
        state = waiting.popleft()
        if state == wanted:
            return reached[state]
        for transition in PARTICIPANT.transitions:
            if state in transition.sources and transition.target not in reached:
                reached[transition.target] = [*reached[state], transition.name]
                waiting.append(transition.target)
    return None
