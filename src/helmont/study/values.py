"""Item values: what people type, turned into the one form that is stored (ARCHITECTURE.md, 'Item values').

``value_parser(item)`` builds a function for one item, so that what depends on the definition alone is done once.
The function takes what was entered and the date of entry, and returns the canonical value, ``None`` when nothing was
entered, or raises :class:`ValueFault`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from helmont.study.model import Codelist, Item, Range
from helmont.study.partial_dates import WHOLLY_UNKNOWN, PartialDate
from helmont.study.units import convert

Value = str | list[str] | dict[str, object]
"""A canonical item value; an empty item has none."""
Parser = Callable[[object, date], Value | None]

MAX_TEXT = 10_000
MAX_REASON = 500
REMEMBERED = 256  # texts an item's parser remembers
_NUMBER = re.compile(r"(-)?([0-9]*)(?:\.([0-9]*))?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TIME = re.compile(r"([0-9]{1,2})[:.]?([0-9]{2})")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
_NAMED_DATE = re.compile(r"(?:([0-9]{1,2})[ -])?([A-Za-z]{3})[ -]([0-9]{4})")
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ValueFault(ValueError):
    """A value that is not accepted. ``message_id % params`` says why, ``accepted_id % params`` what would be.

    The ids are English and constant, so that they can be looked up in a translation catalogue.
    """

    def __init__(self, message_id: str, accepted_id: str = "", **params: object) -> None:
        self.message_id, self.accepted_id, self.params = message_id, accepted_id, params
        super().__init__(f"{self.message}; {self.accepted}" if accepted_id else self.message)

    @property
    def message(self) -> str:
        return self.message_id % self.params

    @property
    def accepted(self) -> str:
        return self.accepted_id % self.params


def parse(item: Item, raw: object, *, today: date, codelist: Codelist | None = None) -> Value | None:
    """The canonical value of what was entered for ``item`` on ``today``, or ``None`` when nothing was.

    Raises ``ValueFault`` when it is not accepted. ``codelist`` is the item's own, for items that have one.
    """
    return value_parser(item, codelist)(raw, today)


def value_parser(item: Item, codelist: Codelist | None = None) -> Parser:
    """The parser of one item: ``parser(raw, today) -> Value | None``, raising ``ValueFault``."""
    match item.type:
        case "integer" | "decimal" if item.units:
            read = _quantity(item)
        case "integer" | "decimal":
            read = _number(item)
        case "date" | "datetime":
            read = _date(item)
        case "time":
            read = _time
        case "codelist":
            read = _code(codelist)
        case "multiselect":
            return _or_not_done(_codes(codelist))
        case "text":
            return _or_not_done(_or_empty(_text(item)))
        case "file":
            read = _file(item)
        case "calculated":
            read = _calculated
        case _:
            read = _text(item)
    return _or_not_done(_remembered(_or_empty(read)))


def _remembered(read: Parser) -> Parser:
    """The same few readings, codes and dates are typed again and again."""
    known = lru_cache(maxsize=REMEMBERED)(read)

    def parser(raw: object, today: date) -> Value | None:
        return known(raw, today) if type(raw) is str else read(raw, today)

    return parser


def _or_empty(read: Callable[[object, date], Value | None]) -> Parser:
    def parser(raw: object, today: date) -> Value | None:
        if isinstance(raw, str):
            raw = raw.strip()
        return None if raw is None or raw == "" else read(raw, today)

    return parser


def _or_not_done(read: Parser) -> Parser:
    """Any question may have been asked and not done, for a reason."""

    def parser(raw: object, today: date) -> Value | None:
        if type(raw) is not str and isinstance(raw, Mapping) and "not_done" in raw:
            reason = raw["not_done"]
            if len(raw) > 1 or not isinstance(reason, str) or not reason.strip() or len(reason) > MAX_REASON:
                raise ValueFault(
                    "Not done needs a reason and no value", "a reason of at most %(most)s characters", most=MAX_REASON
                )
            return {"not_done": _clean(reason)}
        return read(raw, today)

    return parser


def _calculated(_raw: object, _today: date) -> Value | None:
    raise ValueFault("This is calculated and cannot be entered", "nothing")


def _shown(raw: object) -> str:
    text = str(raw)
    return text if len(text) <= 60 else text[:57] + "..."


def _clean(text: str) -> str:
    """Composed characters (NFC), one kind of line end, no characters that nobody can see."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()
    if _CONTROL.search(text):
        raise ValueFault("The text holds characters that cannot be shown", "letters, digits, punctuation and line ends")
    return text


def _text(item: Item) -> Parser:
    most = item.length or MAX_TEXT

    def read(raw: object, _today: date) -> Value | None:
        if not isinstance(raw, str):
            raise ValueFault("%(value)s is not a text", "a text", value=_shown(raw))
        text = _clean(raw)
        if len(text) > most:
            raise ValueFault(
                "%(length)s characters are too many", "at most %(most)s characters", length=len(text), most=most
            )
        return text

    return read


def _number(item: Item) -> Parser:
    """Numbers with ``.`` or ``,``; the decimals typed are kept, since they say how exact the reading was."""
    most = 0 if item.type == "integer" else item.decimals
    limits = item.hard_range
    unit = item.unit or ""

    def read(raw: object, _today: date) -> Value | None:
        text = _canonical_number(raw, most)
        if limits is not None and not limits.holds(Decimal(text)):
            raise _outside(text, limits, unit)
        return text

    return read


def _outside(text: str, limits: Range, unit: str) -> ValueFault:
    return ValueFault("%(value)s is not possible here", "%(range)s %(unit)s", value=text, range=limits, unit=unit)


def _canonical_number(raw: object, most: int | None) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise ValueFault(
            "%(value)s is not a number", "a number such as %(example)s", value=_shown(raw), example=_example(most)
        )
    typed = str(raw)
    text = typed.replace(",", ".", 1).replace("−", "-", 1).removeprefix("+")
    found = _NUMBER.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        raise ValueFault(
            "%(value)s is not a number", "a number such as %(example)s", value=_shown(typed), example=_example(most)
        )
    sign, whole, fraction = found[1] or "", found[2].lstrip("0") or "0", found[3] or ""
    if most is not None and len(fraction) > most:
        if most == 0:
            raise ValueFault(
                "%(value)s is not a whole number",
                "a whole number such as %(example)s",
                value=_shown(typed),
                example=whole[:15],
            )
        raise ValueFault(
            "%(value)s: at most %(most)s decimal(s)", "write like %(example)s",
            value=_shown(typed), most=most, example=f"{sign}{whole[:15]}.{fraction[:most]}",
        )  # fmt: skip
    if len(whole) + len(fraction) > 15:
        raise ValueFault("%(value)s has too many digits", "at most 15 digits", value=_shown(typed))
    if sign and not whole.strip("0") and not fraction.strip("0"):
        sign = ""
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


def _example(most: int | None) -> str:
    return "12" if most == 0 else "12." + "5".ljust(min(most or 1, 3), "0")


def _quantity(item: Item) -> Parser:
    """A number with the unit it was measured in; the hard range is in the standard unit."""
    most = 0 if item.type == "integer" else item.decimals
    standard = item.standard_unit or item.units[0]

    def read(raw: object, _today: date) -> Value | None:
        if not isinstance(raw, Mapping):
            raise ValueFault(
                "%(value)s has no unit",
                "a number and one of: %(units)s",
                value=_shown(raw),
                units=", ".join(item.units),
            )
        if raw.keys() - {"value", "unit"}:
            raise ValueFault(
                "This is not a number with a unit", "a number and one of: %(units)s", units=", ".join(item.units)
            )
        number, unit = raw.get("value"), raw.get("unit")
        if isinstance(number, str):
            number = number.strip()
        if number is None or number == "":
            return None
        text = _canonical_number(number, most)
        if unit not in item.units:
            raise ValueFault(
                "%(unit)s is not a unit to choose here",
                "one of: %(units)s",
                unit=_shown(unit or "-"),
                units=", ".join(item.units),
            )
        if item.hard_range is not None and not item.hard_range.holds(convert(Decimal(text), str(unit), standard)):
            raise _outside(f"{text} {unit}", item.hard_range, standard)
        return {"value": text, "unit": str(unit)}

    return read


def _date(item: Item) -> Parser:
    timed, partial, future = item.type == "datetime", item.partial, item.future
    accepted = "YYYY-MM-DD, such as 2013-12-26" if not timed else "YYYY-MM-DD HH:MM, such as 2013-12-26 09:05"
    if partial in ("day", "month", "year"):
        accepted += {"day": ", or 2013-12", "month": ", 2013-12 or 2013", "year": ", 2013-12, 2013 or UNK"}[partial]

    def read(raw: object, today: date) -> Value | None:
        try:
            found = _date_as_typed(raw, timed)
        except ValueError:
            raise ValueFault("%(value)s is not a date", accepted, value=_shown(raw)) from None
        absent = _smallest_absent(found)
        if absent and (partial is None or _PARTS.index(absent) > _PARTS.index(partial)):
            raise ValueFault("%(value)s is not complete", accepted, value=_shown(raw))
        if timed and found.complete and found.time is None and partial is None:
            raise ValueFault("%(value)s has no time", accepted, value=_shown(raw))
        if not future and found.year is not None and found.earliest() > today:
            raise ValueFault(
                "%(value)s is in the future", "at most %(today)s", value=str(found), today=today.isoformat()
            )
        return str(found)

    return read


_PARTS = ("day", "month", "year")


def _smallest_absent(found: PartialDate) -> str | None:
    """The largest part that is not known: of ``2013`` it is the month."""
    return "year" if found.year is None else "month" if found.month is None else "day" if found.day is None else None


def _date_as_typed(raw: object, timed: bool) -> PartialDate:
    """``2013-12-26``, ``2013-12``, ``2013``, ``26 Dec 2013``, ``Dec 2013``, ``UNK``, with a time when ``timed``."""
    if not isinstance(raw, str):
        raise ValueError("not a text")
    text, time = raw.strip(), None
    if timed and (found := re.fullmatch(r"(.*[0-9])(?:T| +)([0-9]{1,2}:[0-9]{2})", text)):
        text, time = found[1], _canonical_time(found[2])
    if text.upper() == WHOLLY_UNKNOWN:
        return PartialDate(None)
    if found := _DATE.fullmatch(text):
        year, month, day = found.groups()
        return PartialDate(int(year), int(month) if month else None, int(day) if day else None, time)
    if found := _NAMED_DATE.fullmatch(text):
        number = _MONTHS.get(found[2].lower())
        if number is not None:
            return PartialDate(int(found[3]), number, int(found[1]) if found[1] else None, time)
    raise ValueError("not a date")


def _time(raw: object, _today: date) -> Value | None:
    try:
        return _canonical_time(raw if isinstance(raw, str) else "")
    except ValueError:
        raise ValueFault(
            "%(value)s is not a time", "HH:MM from 00:00 to 23:59, such as 09:05", value=_shown(raw)
        ) from None


def _canonical_time(text: str) -> str:
    found = _TIME.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError("not a time")
    return f"{int(found[1]):02d}:{found[2]}"


def _terms(codelist: Codelist | None) -> tuple[dict[str, str], str]:
    """How each code may be typed (in other capitals too, when only one code fits), and the codes for people."""
    codes = [term.code for term in codelist.terms] if codelist else []
    folded = [code.casefold() for code in codes]
    typed = {code.casefold(): code for code in codes if folded.count(code.casefold()) == 1}
    shown = ", ".join(codes[:12]) + (", ..." if len(codes) > 12 else "")
    return typed | {code: code for code in codes}, shown


def _code(codelist: Codelist | None) -> Parser:
    typed, shown = _terms(codelist)

    def read(raw: object, _today: date) -> Value | None:
        text = raw if isinstance(raw, str) else str(raw) if type(raw) is int else None
        found = None if text is None else typed.get(text) or typed.get(text.casefold())
        if found is None:
            raise ValueFault("%(value)s is not one of the answers", "one of: %(codes)s", value=_shown(raw), codes=shown)
        return found

    return read


def _codes(codelist: Codelist | None) -> Parser:
    """Several answers, kept once each in the order of the codelist."""
    one = _code(codelist)
    order = {term.code: place for place, term in enumerate(codelist.terms)} if codelist else {}

    def read(raw: object, today: date) -> Value | None:
        many = raw if isinstance(raw, list | tuple) else [] if raw is None or raw == "" else [raw]
        found = {str(one(code.strip() if isinstance(code, str) else code, today)) for code in many}
        return sorted(found, key=order.__getitem__) or None

    return read


def _file(item: Item) -> Parser:
    types = item.file.types if item.file else ()
    most = (item.file.max_mb if item.file else 10) * 1_000_000

    def read(raw: object, _today: date) -> Value | None:
        digest, name, size, kind = _file_shape(raw)
        if types and kind not in types:
            raise ValueFault(
                "%(value)s files are not accepted", "one of: %(types)s", value=_shown(kind), types=", ".join(types)
            )
        if size > most:
            raise ValueFault("The file is too large", "at most %(most)s MB", most=most // 1_000_000)
        return {"file": digest, "name": _clean(name), "size": size, "type": kind}

    return read


def _file_shape(raw: object) -> tuple[str, str, int, str]:
    if isinstance(raw, Mapping) and raw.keys() == {"file", "name", "size", "type"}:
        digest, name, size, kind = raw["file"], raw["name"], raw["size"], raw["type"]
        texts = isinstance(digest, str) and isinstance(name, str) and isinstance(kind, str)
        if texts and type(size) is int and size >= 0 and _SHA256.fullmatch(digest) and 0 < len(name.strip()) <= 255:
            return digest, name, size, kind
    raise ValueFault("This is not a file", "a file that was uploaded")


def format_number(number: Decimal, decimals: int) -> str:
    """A calculated number with its declared decimals, halves rounded away from zero."""
    text = str(number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
    return text.removeprefix("-") if not text.strip("-0.") else text
