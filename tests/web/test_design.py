"""What docs/design.md promises of the design system, computed from the files the browser gets."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import helmont
from helmont.core.workflow import Workflow
from helmont.edc.workflows import FORM, LOCK, QUERY
from helmont.participants.actions import ENCOUNTER, PARTICIPANT

WEB = Path(helmont.__file__).parent / "web"
STATIC = WEB / "static" / "helmont"
TEMPLATES = sorted((WEB / "templates" / "web").rglob("*.html"))
TOKENS = (STATIC / "tokens.css").read_text()
COLOURS: dict[str, tuple[str, str]] = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", TOKENS)
}
GROUNDS = ("paper", "sheet", "band")
TONES = ("neutral", "notice", "good", "attention", "bad", "signed")
TEXT_PAIRS = [
    *((text, ground) for text in ("ink", "ink-soft", "accent", "accent-strong", "bad") for ground in GROUNDS),
    *((tone, f"{tone}-wash") for tone in TONES),
    *((tone, "sheet") for tone in TONES),
    *((text, f"{tone}-wash") for text in ("ink", "ink-soft") for tone in TONES),
    *((text, "accent-wash") for text in ("ink", "ink-soft", "accent-strong")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("sheet", "attention"),
]
BOUNDARY_PAIRS = [(edge, ground) for edge in ("edge", "focus", "accent", "bad") for ground in GROUNDS]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2, "relative luminance")."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_has_the_contrast_wcag_states() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_stands_out_from_its_ground(text: str, ground: str, mode: int) -> None:
    assert contrast(COLOURS[text][mode], COLOURS[ground][mode]) >= 4.5  # WCAG 2.2, 1.4.3 AA


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), BOUNDARY_PAIRS)
def test_controls_and_focus_stand_out_from_their_ground(edge: str, ground: str, mode: int) -> None:
    assert contrast(COLOURS[edge][mode], COLOURS[ground][mode]) >= 3  # WCAG 2.2, 1.4.11 and 2.4.13


def test_all_style_sheets_together_stay_under_47_kB() -> None:
    assert sum(path.stat().st_size for path in STATIC.glob("*.css")) < 47_000


def test_every_colour_outside_the_tokens_comes_from_a_token() -> None:
    for name in ("layout.css", "components.css"):
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{}]*\{)", (STATIC / name).read_text()), name


def test_every_status_with_a_word_has_a_glyph() -> None:
    words = (WEB / "templates" / "web" / "parts" / "status_word.html").read_text()
    statuses = set(re.findall(r'status == "(\w+)"', words))
    glyphs = {symbol.get("id") for symbol in ElementTree.parse(STATIC / "icons.svg").getroot()}
    assert len(statuses) > 20
    assert statuses <= glyphs


@pytest.mark.parametrize(
    "workflow", [FORM, LOCK, QUERY, ENCOUNTER, PARTICIPANT], ids=lambda flow: f"{flow.record} {flow.field}"
)
def test_every_state_of_a_workflow_has_a_word(workflow: Workflow) -> None:
    words = (WEB / "templates" / "web" / "parts" / "status_word.html").read_text()
    assert set(workflow.states) <= set(re.findall(r'status == "(\w+)"', words))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_nothing_the_content_security_policy_refuses(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|hx-on", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert not re.search(r"(src|href|action)=\"https?:", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_name_only_icons_that_exist(path: Path) -> None:
    glyphs = {symbol.get("id") for symbol in ElementTree.parse(STATIC / "icons.svg").getroot()}
    used = set(re.findall(r'parts/icon\.html" with name="([\w-]+)"', path.read_text()))
    assert used <= glyphs
