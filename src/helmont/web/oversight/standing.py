"""How a study stands, now or at a moment of the past, for the sites that a person sees."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count

from helmont.datasets.kept import KeptFile
from helmont.datasets.standing import AGES
from helmont.edc.models import Form
from helmont.participants.models import Participant
from helmont.web.datasets.moments import Shown
from helmont.web.studies.figures import ENROLLED, Figures, Month


@dataclass
class Standing:
    """``figures`` by site; ``months`` are cumulative; ``held`` forms were begun, whatever became of them."""

    figures: dict[str, Figures] = field(default_factory=dict)
    months: list[Month] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> Figures:
        found = Figures()
        for each in self.figures.values():
            found.add(each)
        return found

    @property
    def begun(self) -> int:
        return self.held.total()


def past(moment: Shown) -> Standing:
    """As it was at the moment, from what is kept of it."""
    sites = moment.seen.sight.sites
    standing = Standing()
    screened: Counter[str] = Counter()
    enrolled: Counter[str] = Counter()
    for site, kinds in KeptFile(moment.seen.point.study, moment.seen.point.size).standing.items():
        if "*" not in sites and site not in sites:
            continue
        queries, ages = (_shown(kinds, name, moment.seen.sight.lacking) for name in ("queries", "ages"))
        standing.figures[site] = Figures(
            participants=Counter(kinds.get("participants", {})),
            done=sum(kinds.get("forms", {}).get(status, 0) for status in ("complete", "not_done")),
            queries=queries["open"],
            answered=queries["answered"],
            ages=[ages[str(place)] for place in range(len(AGES) + 1)],
        )
        standing.held.update(kinds.get("forms", {}))
        screened.update(kinds.get("screened", {}))
        enrolled.update(kinds.get("enrolled", {}))
    standing.months = _cumulative(screened, enrolled)
    return standing


def present(moment: Shown, figures: dict[str, Figures], months: list[Month]) -> Standing:
    """As it is now; ``figures`` and ``months`` are those of the overview."""
    study = moment.seen.point.study
    people = Participant.objects.filter(study=study).order_by()
    if "*" not in moment.seen.sight.sites:
        people = people.filter(site__in=moment.seen.sight.sites)
    forms = Form.objects.filter(participant__in=people.values("key")).order_by()
    held = Counter(dict(forms.values_list("status").annotate(Count("key"))))
    return Standing(figures, months, held)


def _shown(kinds: dict[str, dict[str, int]], name: str, lacking: frozenset[str]) -> Counter[str]:
    """The counts of ``name`` without those about items that the person must not see."""
    found: Counter[str] = Counter()
    for kind, counts in kinds.items():
        first, *privileges = kind.split(" ")
        if first == name and not lacking.intersection(privileges):
            found.update(counts)
    return found


def _cumulative(screened: Counter[str], enrolled: Counter[str]) -> list[Month]:
    found, so_far, of_them = [], 0, 0
    for month in _months(sorted(each for each in screened if len(each) == 7)):
        so_far += screened[month]
        of_them += enrolled[month]
        found.append(Month(month, so_far, of_them))
    return found


def _months(known: list[str]) -> list[str]:
    if not known:
        return []
    year, month = map(int, known[0].split("-"))
    found = []
    while f"{year:04}-{month:02}" <= known[-1]:
        found.append(f"{year:04}-{month:02}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def bars(counts: list[tuple[str, int]], tones: tuple[str, ...] = ()) -> list[dict[str, object]]:
    """Bars for ``parts/chart_bar.html``, the longest as long as there is room."""
    most = max([count for _label, count in counts], default=0) or 1
    return [
        {
            "label": label,
            "value": count,
            "percent": round(100 * count / most, 1),
            "tone": tones[place] if place < len(tones) else "",
        }
        for place, (label, count) in enumerate(counts)
    ]


def enrolled(figures: Figures) -> int:
    return sum(figures.participants[status] for status in ENROLLED)
