"""Compare data sets made by the study package with transport files of a submission, cell by cell.

python -m tools.compare_datasets sdtm FOLDER [NAME ...]     made from what the pilot's sites entered
python -m tools.compare_datasets adam FOLDER [NAME ...] --sdtm FOLDER     made from the SDTM of transport files
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pyreadstat

from helmont.study.datasets.comparing import Comparison, compare
from helmont.study.datasets.context import Context
from helmont.study.datasets.dates import EPOCH
from helmont.study.datasets.facts import counted, wanted
from helmont.study.datasets.rows import Casebook, Row, Rows
from helmont.study.datasets.running import Maker, facts_of
from helmont.study.loading import load_study

SHOWN = 4
MATCHED = {
    "ADQSADAS": ("USUBJID", "PARAMCD", "AVISITN", "ANL01FL"),
    "ADQSCIBC": ("USUBJID", "PARAMCD", "AVISITN", "ANL01FL"),
    "ADLBC": ("USUBJID", "PARAMCD", "AVISITN", "VISITNUM", "ADT"),
    "ADLBH": ("USUBJID", "PARAMCD", "AVISITN", "VISITNUM", "ADT"),
}
"""By what records are matched where the original's key holds dates of other records, or numbers that shifted."""


def transport(path: Path) -> list[dict[str, Any]]:
    """The records of a transport file; empty texts are ``None``, dates are days since 1960-01-01."""
    frame, _ = pyreadstat.read_xport(path, encoding="cp1252", output_format="polars")
    return [{name: _plain(value) for name, value in row.items()} for row in frame.iter_rows(named=True)]


def _plain(value: Any) -> Any:
    return value.toordinal() - EPOCH if isinstance(value, date) else None if value == "" else value


def without_blanks(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records without the blanks that SAS put before texts."""
    return [{name: v.strip() or None if isinstance(v, str) else v for name, v in row.items()} for row in records]


def from_transport(folder: Path) -> dict[str, dict[str, Rows]]:
    """The data sets of every participant, from a folder of transport files."""
    found: dict[str, dict[str, Rows]] = defaultdict(dict)
    names = sorted(folder.glob("*.xpt"))
    for path in names:
        for record in transport(path):
            if "USUBJID" in record:
                found[record["USUBJID"]].setdefault(path.stem.upper(), []).append(Row(record))
    for datasets in found.values():
        for path in names:
            datasets.setdefault(path.stem.upper(), [])
    return found


def report(found: Comparison) -> None:
    """Print what comparing gave."""
    share = 100 * found.equal / found.total if found.total else 0.0
    alone = f"records only here {len(found.only_ours)}, only there {len(found.only_theirs)}"
    print(f"{found.dataset}: {found.total} cells, {share:.3f} % equal; {alone}")
    for variable, differences in found.by_variable().items():
        kinds = Counter((difference.ours, difference.theirs) for difference in differences)
        print(f"   {variable}: {len(differences)}; {kinds.most_common(SHOWN)} e.g. {differences[0].key}")
    for title, keys in (("only here", found.only_ours), ("only there", found.only_theirs)):
        if keys:
            print(f"   {title}: {keys[:SHOWN]}")


def main() -> None:
    """Run the comparison that the arguments ask for: ``adam`` without ``--sdtm`` goes through our own SDTM."""
    arguments = sys.argv[1:]
    sdtm = None
    if "--sdtm" in arguments:
        place = arguments.index("--sdtm")
        sdtm = Path(arguments[place + 1])
        del arguments[place : place + 2]
    kind, folder, names = arguments[0], Path(arguments[1]), [name.upper() for name in arguments[2:]]
    maker = Maker(Context(load_study(Path(__file__).parents[1] / "studies" / "cdiscpilot01")))
    made: dict[str, Rows] = defaultdict(list)
    context = maker.context
    if sdtm is None:
        from helmont.demo.pilot.casebooks import casebooks

        everybody = list(casebooks())
        maker = Maker(Context(context.study, facts=facts_of(context, everybody)))
        for casebook in everybody:
            for name, rows in maker.make(casebook).items():
                made[name] += rows
        made.update(maker.make_design())
    else:
        entered = from_transport(sdtm)
        maker = Maker(Context(context.study, facts=counted(wanted(context.datasets.values()), entered.values())))
        adam = frozenset(name for name, dataset in context.datasets.items() if dataset.standard == "ADaM")
        for participant, datasets in entered.items():
            for name, rows in maker.make(Casebook(participant, "", "", (), ()), adam, datasets).items():
                made[name] += rows
    for name, dataset in maker.context.datasets.items():
        path = folder / f"{name.lower()}.xpt"
        if (
            path.exists()
            and (name in names or not names)
            and dataset.standard == ("SDTM" if kind == "sdtm" else "ADaM")
        ):
            theirs = transport(path) if kind == "sdtm" else without_blanks(transport(path))
            report(compare(name, made[name], theirs, MATCHED.get(name, dataset.keys)))


if __name__ == "__main__":
    main()
