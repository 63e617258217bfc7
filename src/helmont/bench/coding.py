"""Auto-coding of the pilot's adverse events and medical history, whose terms its sponsor published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helmont.bench.homes import Home

DOMAINS = {"adverse events": ("AE", "AETERM", "AELLT"), "medical history": ("MH", "MHLLT", "MHDECOD")}


def measure(home: Home, note: Callable[..., None], _quick: bool) -> None:
    """Note what a thousand terms take, and for each stage how many it answered and how many of these rightly."""
    for title in DOMAINS:
        found = home.call("coding.stages", title)
        note(f"auto-coding {title}, 1,000 terms", found["seconds"], "s", 2)
        for name, of, hits, right in found["stages"]:
            if hits:
                note(f"… {name}: hits among {of:,}", 100 * hits / of, "%")
                note(f"… {name}: precision", 100 * right / hits, "%")


def stages(title: str) -> dict[str, Any]:
    """Seconds for a thousand terms, and each stage's name, verbatims, hits and right ones.

    The dictionary holds the published names of a domain, each under its preferred term; the truth is the sponsor's coding.
    """
    from helmont.coding.matching.matcher import Entry, Matcher
    from helmont.coding.matching.measure import measure as measured
    from helmont.demo.pilot.source import rows

    domain, verbatim, terms = DOMAINS[title]
    decided = f"{domain}DECOD"
    found = {(row[verbatim], row[terms], row[decided]) for row in rows(domain.lower()) if row[decided]}
    matcher = Matcher(Entry(name, name, truth, truth) for _, name, truth in sorted(found))
    result = measured(matcher, sorted({(text, truth) for text, _, truth in found}), {}, lambda entry: entry.group)
    return {
        "seconds": result.seconds_per_thousand,
        "stages": [(each.name, each.of, each.hits, each.right) for each in result.stages],
    }
