"""Small releases of our own making in the shapes of the publishers' files; every term and code in them is made up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Lowest(NamedTuple):
    """One lowest level term and where it hangs; codes are made of the names' places."""

    code: int
    name: str
    preferred: int
    current: str = "Y"


PREFERRED = {20001: "Headache", 20002: "Nausea", 20003: "Oedema peripheral", 20004: "Application site itching"}
# Preferred term -> (HLT, HLGT, SOC), the primary one first.
PLACES: dict[int, list[tuple[int, int, int]]] = {
    20001: [(3001, 401, 51)],
    20002: [(3002, 402, 52), (3001, 401, 51)],
    20003: [(3003, 403, 53)],
    20004: [(3004, 403, 53)],
}
NAMES = {
    51: "Nervous disorders",
    52: "Stomach disorders",
    53: "General disorders",
    401: "Headaches and kin",
    402: "Upper symptoms",
    403: "Swellings and sites",
    3001: "Headaches plain",
    3002: "Nausea symptoms",
    3003: "Oedema not elsewhere",
    3004: "Site reactions",
}
LOWEST = (
    Lowest(20001, "Headache", 20001),
    Lowest(10011, "Head pain", 20001),
    Lowest(10012, "Cephalgia old", 20001, "N"),
    Lowest(20002, "Nausea", 20002),
    Lowest(10021, "Feeling queasy", 20002),
    Lowest(20003, "Oedema peripheral", 20003),
    Lowest(10031, "Ankle swelling", 20003),
    Lowest(20004, "Application site itching", 20004),
)


def _file(records: Iterable[Sequence[object]]) -> bytes:
    return "".join("$".join(map(str, record)) + "$\r\n" for record in records).encode()


def meddra(
    version: str = "90.0",
    lowest: Sequence[Lowest] = LOWEST,
    preferred: dict[int, str] | None = None,
    places: dict[int, list[tuple[int, int, int]]] | None = None,
) -> dict[str, bytes]:
    """A release in MedDRA's ASCII shape."""
    preferred, places = preferred or PREFERRED, places or PLACES
    paths = [(term, *path, path == held[0]) for term, held in places.items() for path in held]
    return {
        "soc.asc": _file((code, name, name[:5]) for code, name in NAMES.items() if code < 100),
        "hlgt.asc": _file((code, name, "") for code, name in NAMES.items() if 100 < code < 1000),
        "hlt.asc": _file((code, name, "") for code, name in NAMES.items() if code > 1000),
        "pt.asc": _file(
            (code, name, "", places[code][0][2], "", "", "", "", "", "") for code, name in preferred.items()
        ),
        "llt.asc": _file((t.code, t.name, t.preferred, *[""] * 6, t.current, "") for t in lowest),
        "mdhier.asc": _file(
            (pt, hlt, hlgt, soc, preferred[pt], NAMES[hlt], NAMES[hlgt], NAMES[soc], "", "", soc, "Y" if first else "N")
            for pt, hlt, hlgt, soc, first in paths
        ),
        "hlt_pt.asc": _file(sorted({(hlt, pt) for pt, hlt, _, _, _ in paths})),
        "hlgt_hlt.asc": _file(sorted({(hlgt, hlt) for _, hlt, hlgt, _, _ in paths})),
        "soc_hlgt.asc": _file(sorted({(soc, hlgt) for _, _, hlgt, soc, _ in paths})),
        "meddra_release.asc": f"{version}$English$$$$\r\n".encode(),
    }


WHODRUG = {
    "dd.txt": (
        b"00000101001 N01AAAABBB     01  121Paracetol\n"
        b"00000101002 N01AAAABBB     01  121Painaway\n"
        b"00000201001 N01AAAABBB     01  122Ibuprofan\n"
    ),
    "dda.txt": b"00000101001 N02BE  121*\n00000201001 M01AE  121*\n00000201001 M02AA  121*\n",
    "ina.txt": b"N      1NERVOUS SYSTEM\nN02    2ANALGESICS\nN02B   3OTHER ANALGESICS\nN02BE  4ANILIDES\n"
    b"M      1MUSCULO-SKELETAL SYSTEM\nM01    2ANTIINFLAMMATORY\nM01A   3NON-STEROIDS\nM01AE  4PROPIONIC\nM02AA  4TOPICAL\n",
}
