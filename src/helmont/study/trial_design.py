"""The trial design that a protocol holds: the settings of ``design.yaml``, and the object of ``helmont.design`` of them.

The same object gives the tables before the trial and the next decision during it; its digest names it in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from helmont.study.faults import one_of

if TYPE_CHECKING:
    from helmont.design import Declared
    from helmont.study.model import Study
    from helmont.study.reading import Reading

FILE = "design.yaml"


def design_of(study: Study) -> Declared | None:
    """The design that the study holds, None where it holds none. Raises ``DesignError`` for settings that no design can have."""
    if study.design is None:
        return None
    from helmont.design import Declared

    return Declared.from_dict(plain(study.design))


def check_design(study: Study, reading: Reading) -> None:
    """Report what the design cannot be, at the setting."""
    if study.design is None:
        return
    from helmont.design import DESIGNS, DesignError

    _study, root, _place = reading.written[id(study)]
    here = (root.entries or {})["design"]
    if "design" not in study.design:
        reading.fault(here, "design", "design is missing", one_of(list(DESIGNS)))
        return
    try:
        design_of(study)
    except DesignError as fault:
        name = fault.setting.partition("[")[0]
        node = (here.entries or {}).get(name, here)
        reading.fault(node, f"design.{fault.setting}", f"{fault.value!r} is not possible", fault.accepted)


def plain(value: Any) -> Any:
    """Numbers as the design takes them."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, tuple) else value
