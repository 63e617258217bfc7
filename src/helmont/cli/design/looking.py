"""What a platform trial decides at a look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml

from helmont.cli.design.asking import answer, as_json, declared
from helmont.cli.design.printing import shown

if TYPE_CHECKING:
    from helmont.design import Declared

_KNOWN = ("patients", "outcomes", "squares", "enrolled", "closed", "time")


@click.command()
@declared
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="A file (YAML or JSON) with 'patients' and 'outcomes' (responses, or sums of outcomes) by arm, a number a period.",
)
@as_json
def look(design: Declared, data: Path, as_json: bool) -> None:
    """What becomes of every arm of a platform at a look, why, and who the next patients go to.

    The file may also have 'squares', 'enrolled' (with those whose outcomes are pending), 'closed' (arms that were decided
    before) and 'time'.
    """
    from helmont.design import DesignError, PlatformTrial

    if not isinstance(design, PlatformTrial):
        raise DesignError("design", design.kind, "a PlatformTrial")
    content: Any = yaml.safe_load(data.read_text())
    if not isinstance(content, dict) or not {"patients", "outcomes"} <= set(content) <= set(_KNOWN):
        raise DesignError(str(data), content, f"a file with {', '.join(_KNOWN)}, of which it needs the first two")
    for name in ("patients", "outcomes", "squares", "enrolled"):
        value = content.get(name)
        if value is not None and not (
            isinstance(value, dict) and all(isinstance(each, list) for each in value.values())
        ):
            raise DesignError(name, value, "lists of numbers by arm, a number a period")
    patients, outcomes = content.pop("patients"), content.pop("outcomes")
    shown(answer(design, "next", patients, outcomes, **content), as_json)
