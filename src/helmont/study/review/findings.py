"""The rules of the review: what each says, why it matters, and how serious it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from helmont.study.faults import Severity
from helmont.study.text import Text


@dataclass(frozen=True, slots=True)
class Rule:
    """``message`` is filled with the values of a finding; ``reason`` says why, and by what source."""

    severity: Severity
    message: str
    reason: str


RULES: Mapping[str, Rule] = {
    "BURDEN_TIME_UNKNOWN": Rule(
        "note",
        "{unknown} of {all} scheduled activities do not say how long they take.",
        "Hours can only be added up when every activity declares its minutes.",
    ),
    "BURDEN_BLOOD_UNKNOWN": Rule(
        "note",
        "No activity says how much blood is taken.",
        "Ethics committees ask for the volume of blood per visit and in total.",
    ),
    "BURDEN_BLOOD_LIMIT": Rule(
        "warning",
        "{volume} mL of blood are taken within 8 weeks, from {place} on; the limit is {limit} mL.",
        "Above 550 mL in 8 weeks (healthy adults) or 50 mL (others) review cannot be expedited (OHRP 1998, category 2).",
    ),
    "BURDEN_LONG_ENCOUNTER": Rule(
        "warning",
        "{place} takes {hours} hours or more of a participant.",
        "Beyond four hours participants need meals and rest, which the protocol should plan.",
    ),
    "BURDEN_MANY_QUESTIONNAIRES": Rule(
        "warning",
        "{place} has {count} questionnaires with {questions} questions.",
        "Answers get worse the more questionnaires are answered in a row; five at a time is the limit used here.",
    ),
    "NO_OBJECTIVES_NAMED": Rule(
        "warning",
        "None of the {count} activities names an objective.",
        "Without the link nobody can tell which procedures the trial needs (ICH M11, ICH E8(R1) section 3.2).",
    ),
    "PROCEDURE_WITHOUT_OBJECTIVE": Rule(
        "warning",
        "{label} serves no objective; encounters at which it is done: {count}.",
        "A procedure that serves no objective burdens participants for nothing (ICH E8(R1) section 3.2).",
    ),
    "PROCEDURE_NOT_SCHEDULED": Rule(
        "warning",
        "{label} is never done: the schedule does not have it.",
        "An activity outside the schedule is forgotten or done without a plan.",
    ),
    "OBJECTIVE_WITHOUT_PROCEDURE": Rule(
        "warning",
        "No scheduled activity serves this objective: {label}",
        "An objective without a procedure cannot be answered.",
    ),
    "OBJECTIVE_WITHOUT_ENDPOINT": Rule(
        "warning",
        "The objective has no endpoint: {label}",
        "Each objective is answered by at least one endpoint (ICH M11 section 3).",
    ),
    "PRIMARY_WITHOUT_ESTIMAND": Rule(
        "warning",
        "The primary objective has no estimand: {label}",
        "A primary objective is stated as an estimand (ICH E9(R1), ICH M11 section 3.1).",
    ),
    "ELIGIBILITY_CONTRADICTS_ITSELF": Rule(
        "error",
        "Nobody can fulfil {one} and {other} at the same time: no value of {names} fits both.",
        "The criteria were compared by the values they allow.",
    ),
    "ELIGIBILITY_IMPOSSIBLE": Rule(
        "error",
        "Nobody can fulfil {one}: it contradicts itself.",
        "The criteria were compared by the values they allow.",
    ),
    "ELIGIBILITY_EXCLUDES_EVERYBODY": Rule(
        "error",
        "The criteria together leave nobody, although no two of them contradict each other.",
        "The criteria were compared by the values they allow.",
    ),
    "ELIGIBILITY_NARROWS_AGE": Rule(
        "warning",
        "The population is {stated} years of age, but the criteria only leave {left}.",
        "The stated population and the criteria should be the same people.",
    ),
    "ELIGIBILITY_EXCLUDES_WOMEN": Rule(
        "error",
        "The population includes women, whom the criteria exclude.",
        "The stated population and the criteria should be the same people.",
    ),
    "ELIGIBILITY_EXCLUDES_MEN": Rule(
        "error",
        "The population includes men, whom the criteria exclude.",
        "The stated population and the criteria should be the same people.",
    ),
    "ELIGIBILITY_EXCLUDES_POPULATION": Rule(
        "error",
        "The criteria exclude everybody of the stated population.",
        "The stated population and the criteria should be the same people.",
    ),
    "ELIGIBILITY_NOT_DECIDED": Rule(
        "note",
        "{count} of {all} criteria could not be compared, in whole or in part: {criteria}",
        "Only expressions that compare an item with fixed values can be compared; the rest is for a person to judge.",
    ),
    "POPULATION_NOT_STATED": Rule(
        "note",
        "The package does not state the population.",
        "Without it the criteria cannot be held against whom the trial is about.",
    ),
    "WINDOWS_OVERLAP": Rule(
        "warning",
        "The windows of {one} and {other} overlap: days {first} to {last} belong to both.",
        "A visit in the overlap cannot be told apart by its date.",
    ),
    "FORM_NOT_ANALYSED": Rule(
        "warning",
        "Nobody uses the {count} questions of {label}: no objective, criterion, rule of another form or dataset.",
        "Data that nobody analyses should not be collected (ICH E6(R3) section 3.16.1).",
    ),
    "TEXT_HARD_TO_READ": Rule(
        "warning",
        "The text is hard to read in {language}: {score} points, {words} words a sentence, {syllables} syllables a word.",
        "Texts for participants should reach 60 points of the reading ease of their language ({formula}).",
    ),
    "TEXT_TOO_SHORT": Rule(
        "note",
        "The text has {count} words in {language}, too few to judge how readable it is.",
        "A reading ease formula needs 30 words or more.",
    ),
    "TEXT_WITHOUT_FORMULA": Rule(
        "note",
        "How readable the text is in {language} was not judged.",
        "Helmont has a reading ease formula for English, Dutch, French and German.",
    ),
    "NO_TEXTS_FOR_PARTICIPANTS": Rule(
        "note",
        "The package has no texts for participants (public_title, participant_texts).",
        "Readability is only judged of what participants are given to read.",
    ),
}


Values = Mapping[str, str | int | Text]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: its rule, where it is (``protocol.activities[VITAL_SIGNS]``), and the values its message shows."""

    rule: str
    place: str
    values: Values = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        return RULES[self.rule].severity

    @property
    def message(self) -> str:
        return RULES[self.rule].message.format(**self.values)

    @property
    def reason(self) -> str:
        return RULES[self.rule].reason.format(**self.values)
