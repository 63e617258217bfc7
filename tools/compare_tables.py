"""Compare tables of ours with published ones, file by file of the same name: how many figures are equal, and which are not.

python -m tools.compare_tables OURS PUBLISHED [PUBLISHED ...]
"""

from __future__ import annotations

import sys
from pathlib import Path

from helmont.reports.comparing import compare


def main(arguments: list[str]) -> int:
    """Print a line for each table and one for each difference; the exit code is 1 when a figure differs."""
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    ours, published = Path(arguments[0]), [Path(each) for each in arguments[1:]]
    figures = equal = 0
    for path in sorted(each for folder in published for each in folder.glob("t*.txt")):
        mine = ours / path.name
        if not mine.exists():
            print(f"{path.stem}: not there")
            continue
        found = compare(path.read_text(encoding="utf-8"), mine.read_text(encoding="utf-8"))
        figures, equal = figures + found.figures, equal + found.equal
        if not found.figures:
            print(f"{path.stem}: no figures are published")
            continue
        pages = f"{len(found.pages)} pages, {len(found.our_pages)} of ours"
        print(f"{path.stem}: {found.figures} figures, {found.equal} equal; {pages}")
        for each in found.differences:
            print(f"    {each.published!r} is {each.ours!r} (after {each.after!r})")
    print(f"all: {figures} figures, {equal} equal")
    return int(equal < figures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
