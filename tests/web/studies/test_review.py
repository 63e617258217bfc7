"""The page of the protocol review: its numbers, its findings, its words."""

import pytest
from django.utils.translation import override

from helmont.study.review.findings import RULES
from helmont.web.studies.review_words import MESSAGES, REASONS
from tests import cast

pytestmark = pytest.mark.database
PATH = f"/studies/{cast.STUDY}/definition/review/"


def test_the_page_shows_burden_and_findings() -> None:
    page = cast.sign_in("coordinator").get(PATH).content.decode()
    assert "Protocol review" in page
    assert page.count("<rect ") >= 1
    assert "protocol." in page


def test_an_unknown_version_does_not_exist() -> None:
    assert cast.sign_in("coordinator").get(f"{PATH}?version=99").status_code == 404


def test_the_page_says_what_the_rules_say() -> None:
    with override("en"):
        assert {name: str(text) for name, text in MESSAGES.items()} == {
            name: rule.message for name, rule in RULES.items()
        }
        assert {name: str(text) for name, text in REASONS.items()} == {
            name: rule.reason for name, rule in RULES.items()
        }
