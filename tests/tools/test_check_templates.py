"""What the template check finds, and what it lets pass."""

import pytest
from django.template.base import Lexer

from tools.check_templates import Reader, markup


def faults(text: str) -> list[tuple[int, str]]:
    reader = Reader()
    reader.feed(markup(Lexer(text).tokenize()))
    reader.close()
    return reader.faults


@pytest.mark.parametrize(
    "text",
    [
        '<h1>{% translate "Queries" %}</h1>',
        "<p>{% blocktranslate %}Open since {{ day }}{% endblocktranslate %}</p>",
        "<p>{{ name }} &middot; 12 %</p>",
        '<input placeholder="{% translate "Search" %}">',
        '<code>helmont run</code><p>5</p><span translate="no">Delft</span>',
        "<title>Helmont</title>",
        "{# a note #}{% comment %}another{% endcomment %}",
        '<script src="/static/app.js"></script><script type="application/json">{"a": "text"}</script>',
        '<form x-on:submit="save"></form>',
    ],
)
def test_what_is_translated_or_needs_no_translation_passes(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("<h1>Queries</h1>", "Queries"),
        ("<h1>{{ count }} open</h1>", "open"),
        ("<code>x</code> and more", "and more"),
        ('<img src="a.png" alt="A chart">', "alt"),
        ('<p style="color: red"></p>', "inline style"),
        ("<style>p { color: red }</style>", "inline style"),
        ("<script>alert(1)</script>", "inline script"),
        ('<a onclick="go()"></a>', "onclick"),
        ('<a hx-on:click="go()"></a>', "hx-on:click"),
        ('<a href="javascript:go()"></a>', "is a script"),
    ],
)
def test_untranslated_words_and_inline_code_are_named(text: str, word: str) -> None:
    [(line, what)] = faults(text)
    assert line == 1
    assert word in what


def test_a_fault_carries_the_line_of_the_template() -> None:
    text = "{% load i18n %}\n{% blocktranslate %}\nOne\n{% endblocktranslate %}\n<p>Two</p>\n"
    assert faults(text) == [(5, "'Two' is not translated")]
