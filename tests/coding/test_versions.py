"""Dictionaries come in versions: what is loaded never changes, and moving to another version loses nothing."""

from __future__ import annotations

import pytest

from helmont.coding.actions.deciding import CodeTerms, KeepSynonyms
from helmont.coding.declared import dictionaries_in_use
from helmont.coding.lexicon import intact, lexicon_of
from helmont.coding.models import Dictionary, DictionaryTerm
from helmont.coding.upgrading import impact, other_versions, upgrade
from helmont.core.errors import Invalid, NotFound, Refused
from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from tests import cast
from tests.coding.kit import NEWER, VERSION, WHO, bring, coding, do, enter, followed
from tests.dictionaries.releases import LOWEST, PLACES, PREFERRED, Lowest

pytestmark = pytest.mark.database
WEB = {"channel": "web"}
# In version 91.0: a term is gone, one is no longer current, one moves, one is renamed, one is new.
NEXT = (
    *(term for term in LOWEST if term.code not in (10021, 10031)),
    Lowest(10031, "Ankle swelling", 20003, "N"),
    Lowest(10013, "Severe head pain", 20001),
)
NEXT_PLACES = {**PLACES, 20004: [(3003, 403, 53)]}
NEXT_PREFERRED = {**PREFERRED, 20002: "Nausea and kin"}


def newer() -> str:
    return bring("91.0", lowest=NEXT, places=NEXT_PLACES, preferred=NEXT_PREFERRED)


def test_loading_the_same_again_changes_nothing_and_other_content_is_refused() -> None:
    size = store.log_size("system")
    assert bring() == VERSION
    assert store.log_size("system") == size
    with pytest.raises(Refused):
        bring(lowest=LOWEST[:-1])
    assert Dictionary.objects.get().counts == {"SOC": 3, "HLGT": 3, "HLT": 4, "PT": 4, "LLT": 8}


def test_a_name_that_cannot_stand_in_a_key_is_refused() -> None:
    with pytest.raises(Invalid):
        bring("90/1")


def test_the_hash_in_the_ledger_holds_the_terms_to_what_was_loaded() -> None:
    row = Dictionary.objects.get()
    assert intact(row)
    DictionaryTerm.objects.filter(code="10011").update(name="Toothache")
    assert not intact(row)


def test_the_impact_of_an_upgrade_is_known_before_it_happens() -> None:
    for number, text in ((2, "Feeling queasy"), (3, "Ankle swelling"), (4, "Application site itching"), (5, "Nausea")):
        enter(number, text)
    followed()
    do(KeepSynonyms(cast.STUDY, "EVENTS", (("queasy me", "10021"),)))
    size = store.log_size(cast.STUDY)
    found = impact(cast.STUDY, "EVENTS", newer())
    assert (found.added, found.dropped, found.carried, found.due, found.synonyms_due) == (1, 1, 1, 4, 1)
    assert {each.term: each.kind for each in found.affected} == {
        "Feeling queasy": "gone",
        "Ankle swelling": "not_current",
        "Application site itching": "moved",
        "Nausea": "renamed",
    }
    assert store.log_size(cast.STUDY) == size


def test_an_upgrade_carries_over_what_is_the_same_and_loses_nothing() -> None:
    enter(2, "Feeling queasy")
    enter(3, "Severe head pain")
    followed()
    assert coding(3).status == "suggested"
    to = newer()
    assert [each.key for each in other_versions(cast.STUDY, "EVENTS")] == [NEWER]
    done = upgrade(cast.STUDY, "EVENTS", to, "yearly update", cast.actor("medical.coder"), source=WEB)
    assert done == {"carried": 1, "due": 1, "coded": 1}
    assert (coding(1).status, coding(1).dictionary) == ("coded", NEWER)
    due = coding(2)
    assert (due.status, due.code, due.term, due.dictionary) == ("recode", "10021", "Feeling queasy", VERSION)
    assert "no longer has this term" in due.note
    assert (coding(3).status, coding(3).stage, coding(3).term) == ("coded", "exact", "Severe head pain")
    loaded = dictionaries_in_use(cast.STUDY)["EVENTS"].loaded
    assert loaded is not None
    assert loaded.key == NEWER
    do(CodeTerms(WHO, (due.key,), "Feeling queasy", "20002"))
    assert (coding(2).status, coding(2).dictionary) == ("coded", NEWER)
    assert verify().clean


def test_an_upgrade_to_what_is_not_loaded_is_refused() -> None:
    with pytest.raises(NotFound):
        upgrade(cast.STUDY, "EVENTS", NEWER, "why", cast.actor("medical.coder"), source=WEB)


def test_a_dictionary_is_browsed_from_its_broadest_level() -> None:
    words = lexicon_of(VERSION)
    assert [term.name for term in words.under("", "")] == [
        "General disorders",
        "Nervous disorders",
        "Stomach disorders",
    ]
    assert [term.name for term in words.under("PT", "20001")] == ["Head pain", "Headache", "Cephalgia old"]
    assert [term.name for term in words.search("head")][:2] == ["Headache", "Head pain"]
