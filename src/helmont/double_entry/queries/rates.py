"""How often two people read the same paper differently."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from helmont.double_entry.models import MOVED, Transcription
from helmont.edc.keys import split_form_key


@dataclass(frozen=True)
class Rate:
    """How many items were compared, and how many differed, of one form or one person."""

    name: str
    compared: int
    differing: int


def rates(study: str) -> tuple[list[Rate], list[Rate]]:
    """Discrepancies by form and by person. A difference that was decided counts for who had it wrong, one that is not
    decided for nobody yet. A line that the second person did not find on the paper was not compared."""
    by_form: Counter[str] = Counter()
    form_differs: Counter[str] = Counter()
    by_person: Counter[str] = Counter()
    person_wrong: Counter[str] = Counter()
    rows = list(Transcription.objects.filter(study=study).exclude(status=MOVED))
    firsts = {row.form: row for row in rows if row.number == 1}
    for second in (row for row in rows if row.number == 2 and row.compared):
        form = split_form_key(second.form)[3]
        pair = (firsts[second.form], second)
        one, other = (row.data for row in pair)
        by_form[form] += second.compared
        form_differs[form] += sum(one.get(key) != other.get(key) for key in {**one, **other})
        for row in pair:
            by_person[row.by] += second.compared
        for key, decision in second.decided.items():
            for row in pair:
                person_wrong[row.by] += row.data.get(key) != decision["value"]
    return (
        [Rate(name, count, form_differs[name]) for name, count in sorted(by_form.items())],
        [Rate(name, count, person_wrong[name]) for name, count in sorted(by_person.items())],
    )
