"""An appendix on paper, made of its JSON alone: what it says is what the attached file holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from helmont.design import Declared
from helmont.reports.designs import showing_confirmatory as confirmatory
from helmont.reports.designs import showing_dose as dose
from helmont.reports.designs import showing_randomised as randomised
from helmont.reports.designs.blocks import Block, Code, Facts, Heading, Paragraph, Source, Table
from helmont.reports.designs.questions import Question
from helmont.reports.designs.showing_general import general
from helmont.reports.designs.words import figure, meaning, named, paragraphs, setting, title

HEADINGS = {
    "lambda_e": "Decisions",
    "interval": "Decisions",
    "decision_table": "Decisions",
    "followup": "Decisions with pending patients",
    "pathways": "The first two cohorts",
    "first_steps": "After the first cohort",
    "sensitivity": "Indifference intervals",
    "coherence": "Coherence of the initial design",
    "desirability": "Desirability",
    "bounds": "Bounds",
    "sizes": "Size, as a multiple of a trial without interim looks",
    "size": "Size",
    "characteristics": "Operating characteristics",
    "scenario": "Operating characteristics",
    "curve": "Power and expected size",
    "conditional_power": "Conditional power",
    "fixed_size": "Size without interim looks (one-sided error 0.025, power 0.9)",
    "fixed_events": "Events without interim looks (one-sided error 0.025, power 0.9)",
    "fixed_power": "Power of sizes without interim looks (one-sided error 0.025)",
    "interim": "After the interim analysis",
    "plan": "The two stages",
    "responses": "Operating characteristics",
    "power": "Power",
    "example_list": "An example list",
    "seal": "Its seal",
    "balance": "Balance and predictability",
    "allocations": "An example",
    "prior": "The prior from history",
    "prior_mean": "Mean of the prior",
    "effective_size": "Effective sample size of the prior",
    "borrowed": "Operating characteristics",
}
LIMITS = {
    "lambda_e": "Escalate up to the observed rate (lambda_e)",
    "lambda_d": "De-escalate from the observed rate (lambda_d)",
    "interval": "Target interval",
}
CAPTIONS = {"effective_size": "Patients that the prior is worth", "prior_mean": "Mean of the prior"}
TOGETHER = {"lambda_d", "curve", "seal", "prior_mean", "effective_size", "conditional_power"}
"""What stands under the heading of what is before it, where it is of the same trial."""


def blocks_of(contents: Mapping[str, Any]) -> list[Block]:
    """Everything on the pages, in order."""
    found: list[Block] = [_about(contents)]
    for section, file in zip(contents["designs"], files_of(contents), strict=True):
        found += _section(section, file)
    return found


def files_of(contents: Mapping[str, Any]) -> list[str]:
    """A file name for each design, as which its settings are attached."""
    kinds = [str(section["design"]["design"]).lower() for section in contents["designs"]]
    return [
        f"{kind}.json" if kinds.count(kind) == 1 else f"{kind}-{kinds[: place + 1].count(kind)}.json"
        for place, kind in enumerate(kinds)
    ]


def _about(contents: Mapping[str, Any]) -> Facts:
    software = contents["software"]
    rows = [(title(str(each["design"]["design"])), each["digest"]) for each in contents["designs"]]
    if any(_simulates(section) for section in contents["designs"]):
        rows.append(("Simulations", f"{contents['trials']:,} trials each, seed {contents['seed']}"))
    rows += [
        ("Made with", f"Helmont {software['helmont']}, numpy {software['numpy']}, scipy {software['scipy']}"),
        ("Attached", ", ".join(["appendix.json (every number with all its digits)", *files_of(contents)])),
        ("Found again by", "helmont design check, given this file"),
    ]
    return Facts("", tuple(rows))


def _simulates(section: Mapping[str, Any]) -> bool:
    return any("trials" in (each["steps"][-1]["arguments"] or {}) for each in section["answers"])


def _section(section: Mapping[str, Any], file: str) -> list[Block]:
    design = Declared.from_dict(section["design"])
    found: list[Block] = [Heading(1, title(design.kind)), *map(Paragraph, paragraphs(design))]
    found += [Heading(2, "Settings"), _settings(design, section["design"])]
    canonical = json.dumps(section["design"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    found += [
        Paragraph(
            f"The same settings as canonical JSON, of which the digest is the SHA-256 (without the line breaks). They are attached as `{file}`; in Python, "
            f'`design = Declared.from_dict(json.load(open("{file}")))` is the design that the expressions below ask.'
        ),
        Code(_in_lines(canonical)),
        Facts("", (("Digest", section["digest"]),)),
    ]
    under, scenarios = "", 0
    for stated in section["answers"]:
        question = Question.from_dict(stated)
        heading = HEADINGS.get(question.name, named(question.name))
        if heading != under and not (under and question.name in TOGETHER):
            found.append(Heading(2, heading))
            under = heading
        if question.name == "scenario":
            scenarios += 1
            found.append(Heading(3, f"Scenario {scenarios}: {_truth(question)}"))
        found += shown(question, stated["answer"], section["design"])
        found.append(Source(question.python(), question.command(file) or ""))
    return found


def _in_lines(text: str, width: int = 96) -> str:
    """Broken after commas; nothing else is changed."""
    lines = [""]
    for part in text.replace(",", ",\n").split("\n"):
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _truth(question: Question) -> str:
    given = question.steps[-1].arguments or {}
    both = "efficacy" in given
    words = {"toxicity": "toxicity ", "truth": "toxicity " if both else "", "efficacy": "response "}
    return "true " + "; ".join(f"{text}{_row(given[name])}" for name, text in words.items() if name in given)


def _row(value: Any) -> str:
    if not isinstance(value, tuple):
        return f"{value:g}"
    inner = any(isinstance(each, tuple) for each in value)
    return (" | " if inner else ", ").join(_row(each) for each in value)


def _settings(design: Declared, settings: Mapping[str, Any]) -> Table:
    rows = tuple(
        (named(name), setting(value), meaning(design, name)) for name, value in settings.items() if name != "design"
    )
    return Table("Every setting of the design", ("Setting", "Value", "What it is"), rows, (0, 1, 2), (3, 4, 9))


def shown(question: Question, answer: Any, settings: dict[str, Any]) -> list[Block]:
    """One answer on paper."""
    name = question.name
    if name == "scenario" and isinstance(answer.get("selection"), list):
        return dose.scenario(answer, settings)
    if name in ("decision_table", "pathways"):
        return {"decision_table": dose.decision_table, "pathways": dose.pathways}[name](answer, settings)
    if name in ("first_steps", "conditional_power"):
        return {"first_steps": dose.first_steps, "conditional_power": confirmatory.conditional_power}[name](answer, question)
    if name == "allocations":
        return randomised.allocations(answer, (question.steps[0].arguments or {})["patients"])
    alone = {
        "followup": dose.followup, "bounds": confirmatory.bounds, "curve": confirmatory.curve,
        "characteristics": confirmatory.characteristics, "responses": confirmatory.responses,
        "example_list": randomised.example_list, "seal": randomised.seal, "balance": randomised.balance,
        "desirability": dose.desirability,
    }  # fmt: skip
    if name in alone:
        return alone[name](answer)
    made: list[Block] = []
    if name == "scenario":
        given = question.steps[-1].arguments or {}
        made = [Paragraph(dose.made({"seed": given.get("seed"), **answer}))]
    if name in ("lambda_e", "lambda_d", "interval"):
        return [Facts("", ((LIMITS[name], figure(answer, 6)),))]
    return [*made, *general(CAPTIONS.get(name, ""), answer, question.each)]
