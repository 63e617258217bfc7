"""What the template check finds, and what it lets pass."""

import pytest

from tools.check_templates import markup_faults as faults


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


def test_a_template_that_says_why_may_stay_in_english_but_not_break_the_policy() -> None:
    text = '{# untranslated: seen by developers only #}<p title="One">Two</p>'
    assert faults(text) == []
    assert faults(text + "<style></style>") == [(1, "inline style; use a class of the style sheet")]
    assert faults(text.replace("seen by developers only ", "")) != []
