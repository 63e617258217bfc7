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

from helmont.reports.annotated_crf import AnnotatedCrf
from helmont.reports.defining.origins import Origins
from helmont.study.datasets.comparing import Comparison, Difference, compare
from helmont.study.datasets.context import Context
from helmont.study.datasets.dates import EPOCH
from helmont.study.datasets.facts import counted, wanted
from helmont.study.datasets.model import Dataset
from helmont.study.datasets.rows import Casebook, Row, Rows
from helmont.study.datasets.running import Maker, facts_of
from helmont.study.loading import load_study
from helmont.study.model import Study
from tools.differences import RECORD, padded, reason

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


def collected_variables(study: Study, dataset: Dataset) -> frozenset[str]:
    """The variables that hold answers of forms, as Define-XML says; the others are derived, assigned or of the protocol."""
    everywhere = AnnotatedCrf(b"", {(form.id, item.id): 1 for form in study.forms for item in form.items()})
    origins = Origins(study, dataset, everywhere, "crf")
    return frozenset(variable.name for variable in dataset.variables if origins.of(variable).type == "Collected")


def shares(found: Comparison, collected: frozenset[str]) -> list[tuple[int, int]]:
    """Cells and those that are equal, of collected variables and of all others; blanks of fixed width are equal."""
    different = Counter(difference.variable for difference in found.differences if not padded(difference))
    sides = []
    for chosen in (True, False):
        names = [name for name in found.cells if (name in collected) is chosen]
        cells = sum(found.cells[name] for name in names)
        sides.append((cells, cells - sum(different[name] for name in names) - len(found.only_theirs) * len(names)))
    return sides


def summary(comparisons: list[tuple[Comparison, frozenset[str]]]) -> int:
    """Print the tables of docs/datasets.md; how many differences have no reason."""
    total = [[0, 0], [0, 0]]
    print("\n| data set | collected cells | equal | derived cells | equal |\n|---|---|---|---|---|")
    for found, collected in comparisons:
        sides = shares(found, collected)
        for sum_, side in zip(total, sides, strict=True):
            sum_[0], sum_[1] = sum_[0] + side[0], sum_[1] + side[1]
        print(f"| {found.dataset} | " + " | ".join(_share(*side) for side in sides) + " |")
    print("| all | " + " | ".join(_share(*side) for side in total) + " |")
    reasons: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    unknown: list[tuple[str, Difference]] = []
    for found, _ in comparisons:
        alone = [Difference(key, RECORD, key, None) for key in found.only_ours]
        alone += [Difference(key, RECORD, None, key) for key in found.only_theirs]
        for difference in [*found.differences, *alone]:
            why = reason(found.dataset, difference)
            if why is None:
                unknown.append((found.dataset, difference))
            else:
                reasons[why, found.dataset][difference.variable] += 1
    print("\n| differs | cells | why |\n|---|---|---|")
    for (why, dataset), variables in reasons.items():
        print(f"| {dataset}: {', '.join(variables)} | {variables.total():,} | {why} |")
    for dataset, difference in unknown[:SHOWN]:
        print(f"without a reason: {dataset} {difference}")
    print(f"\n{len(unknown)} differences without a reason")
    return len(unknown)


def _share(cells: int, equal: int) -> str:
    return f"{cells:,} | {100 * equal / cells:.3f} %" if cells else " | "


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
    comparisons = []
    for name, dataset in maker.context.datasets.items():
        path = folder / f"{name.lower()}.xpt"
        if (
            path.exists()
            and (name in names or not names)
            and dataset.standard == ("SDTM" if kind == "sdtm" else "ADaM")
        ):
            theirs = transport(path) if kind == "sdtm" else without_blanks(transport(path))
            found = compare(name, made[name], theirs, MATCHED.get(name, dataset.keys))
            report(found)
            comparisons.append((found, collected_variables(context.study, dataset)))
    sys.exit(summary(comparisons) > 0)


if __name__ == "__main__":
    main()
