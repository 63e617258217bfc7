"""Make the tables and figures of a study package from transport files, with the time it takes.

    python -m tools.make_tables PACKAGE TO XPT_FOLDER [XPT_FOLDER ...]

The name of a dataset is that of its file. Of a dataset in several folders the first counts.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import polars as pl

from helmont.reports.declared import load_report
from helmont.reports.publishing import FORMS, publish_tables
from helmont.standards import xpt

MADE_SINCE = {"CM": "ADCM"}
"""Analysis datasets that the pilot's submission did not have, by the dataset with the same variables."""
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def main(arguments: list[str]) -> int:
    """Write every output in every form; print how long each form took."""
    if len(arguments) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    package, to, *folders = map(Path, arguments)
    event = load_report(package)
    needed = {part.strip() for output in event.outputs for each in output.analyses for part in each.dataset.split("+")}
    frames: dict[str, pl.DataFrame] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.xpt"))):
        name = path.stem.upper()
        name = name if name in {event.participants, *needed} else MADE_SINCE.get(name, "")
        if name and name not in frames:
            frames[name] = _cleaned(xpt.read(path, encoding="cp1252")[0].frame)
    for form in FORMS:
        start = perf_counter()
        publish_tables(event, frames, to, MOMENT, (form,), f"Source: {', '.join(map(str, folders))}")
        print(f"{form}: {perf_counter() - start:.1f} s")
    return 0


def _cleaned(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts without blanks at their end, empty ones missing."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    stripped = frame.with_columns(pl.col(texts).str.strip_chars_end())
    return stripped.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)) for name in texts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
