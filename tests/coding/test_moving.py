"""An amendment that gives a coded text another item: what was decided about it stands there."""

from __future__ import annotations

import dataclasses

import pytest

from helmont.coding.actions.deciding import ApproveCodings, CodeTerms
from helmont.coding.models import Coding
from helmont.study.amendment import Amendment, Move
from helmont.study.model import Item, Study
from tests import cast
from tests.amendments.kit import carried_out, is_clean
from tests.coding.kit import WHO, do, enter, followed, line
from tests.dictionaries.releases import LOWEST

pytestmark = pytest.mark.database


def renamed() -> Study:
    """The cast's study with the item AETERM under another name, as a version that no other test publishes."""
    study = cast.definition()

    def named(item: Item) -> Item:
        return dataclasses.replace(item, id="AEVERB") if item.id == "AETERM" else item

    forms = tuple(
        dataclasses.replace(
            form,
            line_title=(form.line_title or "").replace("AETERM", "AEVERB") or None,
            groups=tuple(dataclasses.replace(group, items=tuple(map(named, group.items))) for group in form.groups),
        )
        for form in study.forms
    )
    amendment = Amendment(("1.0",), moves=(Move("AE.AETERM", "AE.AEVERB"),))
    return dataclasses.replace(study, version="9.5", forms=forms, amendment=amendment)


def test_a_coding_goes_where_its_text_goes_and_says_the_same() -> None:
    enter(2, "Sore knee after running")
    followed()
    code = str(LOWEST[0].code)
    key = f"{line(2)}/AETERM"
    do(CodeTerms(WHO, (key,), "Sore knee after running", code))
    do(ApproveCodings(WHO, (key,)))
    before = Coding.objects.get(key=key)
    carried_out(renamed(), by=cast.actor("study.manager"))
    for _again in range(2):
        now = Coding.objects.get(key=f"{line(2)}/AEVERB")
        assert (now.status, now.code, now.verbatim, now.by) == ("approved", code, before.verbatim, before.by)
        assert Coding.objects.get(key=key).status == "withdrawn"
        assert Coding.objects.filter(form=line(2)).exclude(status="withdrawn").count() == 1
        followed()
    assert is_clean(cast.STUDY)
