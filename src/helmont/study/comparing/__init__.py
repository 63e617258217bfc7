"""Two versions of a study, compared into one readable difference over every part of the definition."""

from helmont.study.comparing.changes import CONSEQUENCES, MODULES, Change, Difference
from helmont.study.comparing.compare import compare

__all__ = ["CONSEQUENCES", "MODULES", "Change", "Difference", "compare"]
