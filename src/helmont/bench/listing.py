"""Listings of a large study: over two million item values, as a data manager opens, filters and sorts them."""

from __future__ import annotations

import time
from collections.abc import Callable

from helmont.bench.homes import Home
from helmont.bench.inside import FORM, STUDY, VISITS, fill, participant_number, values

PEOPLE, QUICK = 5_600, 30
MANAGER = "manager"
REPEATED = 9


def measure(home: Home, note: Callable[..., None], quick: bool) -> None:
    """Fill the home and note what listings of it take."""
    people = QUICK if quick else PEOPLE
    found = home.call("listing.figures", people)
    million = found.pop("values") / 1e6
    note("making the columns of listings", found.pop("making"), "s")
    for name, seconds in found.items():
        note(f"listing of {million:.1f} million values, {name}", seconds * 1000, "ms", 300)


def figures(people: int) -> dict[str, float]:
    """Seconds, the median of each, from the question to the rows of the page; ``values`` is how many there are.

    Nothing is remembered from one time to the next: before each, a form is saved, which the listing has to take in.
    """
    from datetime import date

    from helmont.bench.filling import FillForm
    from helmont.core.people.actions import CreatePerson
    from helmont.core.people.assignments import AssignRole
    from helmont.core.people.queries import load_actor
    from helmont.core.permissions import service
    from helmont.core.writer import perform
    from helmont.listings.definition import ALL, Filter, Selection
    from helmont.listings.selection import listed
    from helmont.listings.store import columns
    from helmont.studies.models import Study

    fill(people, people * (2 * VISITS + 1) + 2)
    system, importer = service("bench", "system"), service("bench", "import_service")
    perform(CreatePerson(MANAGER, MANAGER.title(), f"{MANAGER}@bench.example", "en"), system)
    perform(AssignRole(MANAGER, "data_manager", STUDY), system)
    manager, study = load_actor(MANAGER), Study.objects.get(key=STUDY)
    started = time.perf_counter()
    columns(STUDY).refresh()
    making = time.perf_counter() - started
    saved = iter(range(10_000))

    def save() -> None:
        number = next(saved)
        perform(FillForm(STUDY, participant_number(number % people), "VISIT_3", FORM, values(100 + number)), importer)

    def seconds(selection: Selection) -> float:
        measured = []
        for _ in range(REPEATED):
            save()
            started = time.perf_counter()
            if not listed(manager, study, selection, date.today()).rows:
                raise RuntimeError(f"nothing is listed: {selection}")
            measured.append(time.perf_counter() - started)
        return sorted(measured)[REPEATED // 2]

    high = (Filter("item", "is", "SYSBP"), Filter("number", "gt", "112"))
    return {
        "values": listed(manager, study, Selection(ALL), date.today()).total,
        "making": making,
        "as it opens": seconds(Selection(ALL)),
        "filtered and sorted": seconds(Selection(ALL, filters=high, sort="-number")),
        "sorted by value": seconds(Selection(ALL, sort="value")),
        "searched for a word": seconds(Selection(ALL, search="nurse")),
    }
