"""What an appendix says of a design, section by section: small typed data that the PDF and pages lay out.

``asked_of`` lists the questions without asking any, so that a page can show the quick ones at once and fetch those that are
``slow`` one by one; ``sections`` asks and shows them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helmont.design import Declared, PlatformTrial
from helmont.reports.designs import asking_confirmatory
from helmont.reports.designs import showing_characteristics as average
from helmont.reports.designs import showing_confirmatory as confirmatory
from helmont.reports.designs import showing_dose as dose
from helmont.reports.designs import showing_platform as platform
from helmont.reports.designs import showing_randomised as randomised
from helmont.reports.designs.asking import Asked, questions
from helmont.reports.designs.blocks import Block, Code, Facts, Heading, Paragraph, Source, Table
from helmont.reports.designs.language import _, gettext_noop
from helmont.reports.designs.questions import Answered, Question
from helmont.reports.designs.showing_general import general
from helmont.reports.designs.telling import told
from helmont.reports.designs.words import figure, meaning, named, paragraphs, setting, title_of

assert asking_confirmatory  # it registers what confirmatory designs are asked

TITLES = {
    "lambda_e": gettext_noop("Decisions"),
    "lambda_d": gettext_noop("Decisions"),
    "interval": gettext_noop("Decisions"),
    "decision_table": gettext_noop("Decisions"),
    "followup": gettext_noop("Decisions with pending patients"),
    "pathways": gettext_noop("The first cohorts"),
    "sensitivity": gettext_noop("Indifference intervals"),
    "coherence": gettext_noop("Coherence of the initial design"),
    "bounds": gettext_noop("Bounds"),
    "sizes": gettext_noop("Size, as a multiple of a trial without interim looks"),
    "size": gettext_noop("Size"),
    "characteristics": gettext_noop("Operating characteristics"),
    "scenario": gettext_noop("Operating characteristics"),
    "responses": gettext_noop("Operating characteristics"),
    "borrowed": gettext_noop("Operating characteristics"),
    "curve": gettext_noop("Power and expected size"),
    "conditional_power": gettext_noop("Conditional power"),
    "fixed_size": gettext_noop("Size without interim looks (one-sided error 0.025, power 0.9)"),
    "fixed_events": gettext_noop("Events without interim looks (one-sided error 0.025, power 0.9)"),
    "fixed_power": gettext_noop("Power of sizes without interim looks (one-sided error 0.025)"),
    "interim": gettext_noop("After the interim analysis"),
    "plan": gettext_noop("The two stages"),
    "power": gettext_noop("Power"),
    "example_list": gettext_noop("An example list"),
    "seal": gettext_noop("Seal of the example list"),
    "balance": gettext_noop("Balance and predictability"),
    "allocations": gettext_noop("An example"),
    "prior": gettext_noop("The prior from history"),
    "prior_mean": gettext_noop("Mean of the prior"),
    "effective_size": gettext_noop("Effective sample size of the prior"),
}


@dataclass(frozen=True)
class Section:
    """One part of what is said of a design: what it is, its settings, or one answer."""

    name: str
    """``words``, ``settings``, or the name of the question."""
    title: str
    blocks: tuple[Block, ...]
    scenario: str = ""
    """What is true in it, where that is assumed."""
    python: str = ""
    """The expression that finds the numbers again, given ``design``."""
    command: str = ""
    """The command that does, where there is one."""


def asked_of(
    design: Declared, scenarios: Sequence[Any] = (), trials: int | None = None, seed: int = 6, patients: int = 40
) -> tuple[Question, ...]:
    """What the design is asked, none of it answered yet; ``Question.slow`` tells which take their time."""
    return tuple(questions(design, Asked(tuple(scenarios), trials, seed, patients, (design,))))


def sections(
    design: Declared,
    scenarios: Sequence[Any] = (),
    trials: int | None = None,
    seed: int = 6,
    patients: int = 40,
    *,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> list[Section]:
    """Everything that is said of a design. Raises ``DesignError`` for what it cannot answer."""
    asked = asked_of(design, scenarios, trials, seed, patients)
    found = introduction(design, file_of(design.kind))
    for done, question in enumerate(asked):
        progress(done, len(asked))
        found.append(section(design, question.answered(design)))
    progress(len(asked), len(asked))
    return found


def file_of(kind: str) -> str:
    """As which the settings of a design are attached."""
    return f"{kind.lower()}.json"


def introduction(design: Declared, file: str) -> list[Section]:
    """What the design is, and its settings."""
    settings = design.to_dict()
    canonical = design.canonical
    load = f'design = Declared.from_dict(json.load(open("{file}")))'
    about = _(
        "The same settings as canonical JSON, of which the digest is the SHA-256 (without the line breaks). They are attached as "
        "`%(file)s`; in Python, `%(load)s` is the design that the expressions below ask."
    )
    said = [Paragraph(text) for text in told(design)]
    words = [Paragraph(text, english=True) for text in paragraphs(design)]
    return [
        Section("words", "", (*words, *said)),
        Section(
            "settings",
            _("Settings"),
            (
                _settings(design, settings),
                Paragraph(about % {"file": file, "load": load}),
                Code(_in_lines(canonical)),
                Facts("", ((_("Digest"), design.digest),)),
            ),
        ),
    ]


def section(design: Declared, answered: Answered, file: str = "") -> Section:
    """One answer, shown. ``file`` is what the command is given."""
    question = answered.question
    return Section(
        question.name,
        _(TITLES.get(question.name, "")) or named(question.name),
        tuple(_shown(question, answered.answer, design)),
        _truth(question, answered.answer) if question.name == "scenario" else "",
        question.python(),
        question.command(file or file_of(design.kind)) or "",
    )


def declared_of(content: Mapping[str, Any], file: str) -> list[Block]:
    """What a design is and its settings, below its title. ``content`` is its part of an appendix as JSON."""
    design = Declared.from_dict(content["design"])
    return [Heading(1, title_of(design.kind)), *flat(introduction(design, file))]


def answers_of(content: Mapping[str, Any], file: str) -> list[Block]:
    """What its methods answer."""
    design = Declared.from_dict(content["design"])
    answers = [Answered(Question.from_dict(stated), stated["answer"]) for stated in content["answers"]]
    return flat([section(design, answered, file) for answered in answers])


def flat(found: Sequence[Section]) -> list[Block]:
    """Sections below each other, with a heading where another subject begins, and each with its source."""
    blocks: list[Block] = []
    under, scenarios = "", 0
    for each in found:
        if each.title and each.title != under:
            under = each.title
            blocks.append(Heading(2, each.title))
        if each.scenario:
            scenarios += 1
            text = _("Scenario %(number)s: %(truth)s") % {"number": scenarios, "truth": each.scenario}
            blocks.append(Heading(3, text))
        blocks += each.blocks
        if each.python:
            blocks.append(Source(each.python, each.command))
    return blocks


def _in_lines(text: str, width: int = 96) -> str:
    """Broken after commas; nothing else is changed."""
    lines = [""]
    for part in text.replace(",", ",\n").split("\n"):
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _settings(design: Declared, settings: Mapping[str, Any]) -> Table:
    rows = tuple((name, setting(value), meaning(design, name)) for name, value in settings.items() if name != "design")
    heads = (_("Setting"), _("Value"), _("What it is"))
    return Table(_("Every setting of the design"), heads, rows, (0, 1, 2), (3, 4, 9), english=(0, 2))


def _truth(question: Question, answer: Any) -> str:
    given = question.steps[-1].arguments or {}
    if "efficacy" in given:
        text = _("true toxicity rates %(toxicity)s; true response rates %(efficacy)s")
        toxicity = given.get("toxicity", given.get("truth"))
        return text % {"toxicity": _row(toxicity), "efficacy": _row(given["efficacy"])}
    if "trend" in given:
        text = _("true values %(truth)s at first, with a trend of %(amount)s over %(time)s")
        drift = given["trend"]
        return text % {"truth": _row(given["truth"]), "amount": f"{drift.amount:g}", "time": f"{drift.over:g}"}
    truth = {"truth": _row(given.get("truth"))}
    return (_("true toxicity rates %(truth)s") if "selection" in answer else _("true values %(truth)s")) % truth


def _row(value: Any) -> str:
    if not isinstance(value, tuple):
        return f"{value:g}"
    return (" | " if value and isinstance(value[0], tuple) else ", ").join(_row(each) for each in value)


def _shown(question: Question, answer: Any, design: Declared) -> list[Block]:
    name, settings = question.name, design.to_dict()
    given = question.steps[-1].arguments or {}
    if name == "scenario" and isinstance(answer.get("selection"), list):
        return average.scenario(answer, settings)
    if isinstance(design, PlatformTrial):
        return platform.scenario(answer)
    if name == "decision_table":
        return dose.decision_table(answer, settings)
    if name == "conditional_power":
        return confirmatory.conditional_power(answer, given["look"], question.each[1] if question.each else ())
    if name == "allocations":
        return randomised.allocations(answer, given["patients"])
    if name in _ALONE:
        return _ALONE[name](answer)
    if name == "scenario":
        said = average.made({"seed": given.get("seed"), **answer})
        if not any("error" in key for key in answer):
            said += " " + average.error_of_a_share(answer["trials"])
        shown = {key: value for key, value in answer.items() if key not in ("trials", "seed", "truth")}
        if "enriched" in answer:  # its rejections are of populations, not of stages
            shown["of_population"], shown["of_population_error"] = shown.pop("rejected"), shown.pop("rejected_error")
        return [Paragraph(said), *general("", shown)]
    if name == "power":
        said = _("By integration, for the true effects %(truth)s in standard deviations.") % {
            "truth": _row(given["truth"])
        }
        return [Paragraph(said), *general("", answer)]
    if name == "borrowed":
        said = _(
            "Responses are enumerated, means integrated: there is no simulation error. The true effect is %(effect)s."
        ) % {"effect": _row(given["effect"])}
        return [Paragraph(said), *general("", {key: value for key, value in answer.items() if key != "effect"})]
    if name == "size" and "n" in answer:
        answer = {"control_first": answer["n"], **{key: value for key, value in answer.items() if key != "n"}}
    return general("" if isinstance(answer, (dict, list)) else _(TITLES.get(name, "")), answer, question.each)


def _escalation(answer: float) -> list[Block]:
    return [Facts("", ((_("Escalate up to the observed rate (lambda_e)"), figure(answer, 6)),))]


def _de_escalation(answer: float) -> list[Block]:
    return [Facts("", ((_("De-escalate from the observed rate (lambda_d)"), figure(answer, 6)),))]


def _interval(answer: list[float]) -> list[Block]:
    return [Facts("", ((_("Target interval of the toxicity rate"), figure(answer, 6)),))]


_ALONE: dict[str, Callable[[Any], list[Block]]] = {
    "lambda_e": _escalation,
    "lambda_d": _de_escalation,
    "interval": _interval,
    "pathways": dose.pathways,
    "followup": dose.followup,
    "bounds": confirmatory.bounds,
    "curve": confirmatory.curve,
    "characteristics": confirmatory.characteristics,
    "responses": confirmatory.responses,
    "example_list": randomised.example_list,
    "seal": randomised.seal,
    "balance": randomised.balance,
}
