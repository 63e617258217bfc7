"""The dry run of an amendment over the study of the bench, in a home that ``inside.fill`` has filled."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from helmont.bench.homes import Home
from helmont.bench.inside import FORM, STUDY

if TYPE_CHECKING:
    from helmont.study.model import Item, Study

RENAMED = "REMARK"


def measure(home: Home, note: Callable[..., None], participants: int) -> None:
    """Note what the dry run takes."""
    note(f"dry run of an amendment, {participants:,} participants", home.call("amending.seconds"), "s", 10)


def second_version(study: Study) -> Study:
    """The study with an item under another name and a question more, so that every form that is there is written."""
    from helmont.study.amendment import Amendment, Move

    def changed(item: Item) -> tuple[Item, ...]:
        if item.id != RENAMED:
            return (item,)
        return dataclasses.replace(item, id="NOTE"), dataclasses.replace(item, id="FURTHER")

    forms = tuple(
        dataclasses.replace(
            form,
            groups=tuple(
                dataclasses.replace(group, items=tuple(each for item in group.items for each in changed(item)))
                for group in form.groups
            ),
        )
        for form in study.forms
    )
    amendment = Amendment((study.version,), moves=(Move(f"{FORM}.{RENAMED}", f"{FORM}.NOTE"),))
    return dataclasses.replace(study, version="2.0", forms=forms, amendment=amendment)


def seconds() -> float:
    """Seconds that the dry run over everybody takes; raises ``RuntimeError`` when nothing moves in it."""
    from helmont.amendments.dry_run import dry_run
    from helmont.amendments.migrating import concerned
    from helmont.studies.models import Definition
    from helmont.studies.queries import compiled
    from helmont.study.compiling import compile_study

    first = Definition.objects.get(study=STUDY).version
    new, people = compile_study(second_version(compiled(STUDY, first).study)), concerned(STUDY, [first])
    started = time.perf_counter()
    moved = sum(len(impact.moved) for impact in dry_run(STUDY, people, new))
    if not moved:
        raise RuntimeError("nothing moves in the dry run")
    return time.perf_counter() - started
