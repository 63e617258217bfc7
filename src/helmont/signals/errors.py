"""What is wrong with a file, a batch or a setting: its place, what was found and what would be accepted."""

from __future__ import annotations


class SignalError(ValueError):
    """``place`` (a file with its offset or line, a field, a setting) holds ``found``; ``accepted`` says what it may be."""

    def __init__(self, place: str, found: object, accepted: str) -> None:
        self.place, self.found, self.accepted = place, found, accepted
        super().__init__(f"{place}: {found}; accepted: {accepted}")

    def __reduce__(self) -> tuple[type[SignalError], tuple[str, object, str]]:
        """It passes between processes."""
        return type(self), (self.place, self.found, self.accepted)
