"""The extractor collects exactly the texts that Django looks up, and the catalogues keep what was translated."""

from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.utils import translation

from tools import messages
from tools.check_translations import placeholder_faults

CASES = [
    ('{% translate "Queries" %}', ("Queries", None)),
    ('{% translate "Open" context "state" %}', ("Open", "state")),
    ('{% translate "100% verified" %}', ("100%% verified", None)),
    ('{{ _("Lock")|upper }}', ("Lock", None)),
    ("{% blocktranslate %}Saved by {{ name }}{% endblocktranslate %}", ("Saved by %(name)s", None)),
    ("{% blocktranslate trimmed %}\n  Two\n  lines\n{% endblocktranslate %}", ("Two lines", None)),
    (
        "{% blocktranslate count n=n %}{{ n }} query{% plural %}{{ n }} queries{% endblocktranslate %}",
        (("%(n)s query", "%(n)s queries"), None),
    ),
]


@pytest.mark.parametrize(("text", "message"), CASES)
def test_what_is_collected_is_what_django_looks_up(text: str, message: messages.Text, tmp_path: Path) -> None:
    template = "{% load i18n %}" + text
    assert list(messages.template_messages(template)) == [message]

    words, context = message
    translated = f"<{words}>" if isinstance(words, str) else tuple(f"<{form}>" for form in words)
    catalogue = messages.Catalog(locale="nl")
    catalogue.add(words, translated, context=context)
    file = tmp_path / "nl" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as opened:
        messages.write_po(opened, catalogue)
    messages.compile_catalogue(file)
    with override_settings(LOCALE_PATHS=[tmp_path]), translation.override("nl"):
        shown = Template(template).render(Context({"name": "Ada", "n": 2}, autoescape=False))
    assert shown.startswith("<")
    assert shown.endswith(">")


def test_messages_of_python_keep_their_context_and_plural(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('a = _("One")\nb = pgettext_lazy("month", "May")\nc = ngettext("%(n)s day", "%(n)s days", 2)\n')
    assert list(messages.python_messages(module)) == [
        ("One", None),
        ("May", "month"),
        (("%(n)s day", "%(n)s days"), None),
    ]


@pytest.mark.parametrize(
    ("translation_of_it", "fault"),
    [("%(n)s dagen", None), ("dagen", "lacks %(n)s"), ("%(n)s %(m)s dagen", "has %(m)s")],
)
def test_a_translation_keeps_the_placeholders(translation_of_it: str, fault: str | None) -> None:
    found = list(placeholder_faults(messages.Message("%(n)s days", translation_of_it)))
    assert ([] if fault is None else [fault]) == [text.split("' ")[1].split(",")[0] for text in found]


def test_translations_are_carried_over_and_a_text_that_lost_its_plural_is_translated_anew() -> None:
    old, code = messages.Catalog(locale="nl"), messages.Catalog()
    old.add("Site", "Centrum")
    old.add(("one visit", "%(n)s visits"), ("een bezoek", "%(n)s bezoeken"))
    for text in ("Site", "one visit", "Form"):
        code.add(text)
    found = {message.id: message.string for message in messages.renewed(code, old, "nl") if message.id}
    assert found == {"Site": "Centrum", "one visit": None, "Form": None}
