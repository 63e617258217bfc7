"""What the rules of the review say, for translation; in English the same words as in ``helmont.study.review.findings``."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "BURDEN_TIME_UNKNOWN": _("{unknown} of {all} scheduled activities do not say how long they take."),
    "BURDEN_BLOOD_UNKNOWN": _("No activity says how much blood is taken."),
    "BURDEN_BLOOD_LIMIT": _("{volume} mL of blood are taken within 8 weeks, from {place} on; the limit is {limit} mL."),
    "BURDEN_LONG_ENCOUNTER": _("{place} takes {hours} hours or more of a participant."),
    "BURDEN_MANY_QUESTIONNAIRES": _("{place} has {count} questionnaires with {questions} questions."),
    "NO_OBJECTIVES_NAMED": _("None of the {count} activities names an objective."),
    "PROCEDURE_WITHOUT_OBJECTIVE": _("{label} serves no objective; encounters at which it is done: {count}."),
    "PROCEDURE_NOT_SCHEDULED": _("{label} is never done: the schedule does not have it."),
    "OBJECTIVE_WITHOUT_PROCEDURE": _("No scheduled activity serves this objective: {label}"),
    "OBJECTIVE_WITHOUT_ENDPOINT": _("The objective has no endpoint: {label}"),
    "PRIMARY_WITHOUT_ESTIMAND": _("The primary objective has no estimand: {label}"),
    "ELIGIBILITY_CONTRADICTS_ITSELF": _(
        "Nobody can fulfil {one} and {other} at the same time: no value of {names} fits both."
    ),
    "ELIGIBILITY_IMPOSSIBLE": _("Nobody can fulfil {one}: it contradicts itself."),
    "ELIGIBILITY_EXCLUDES_EVERYBODY": _(
        "The criteria together leave nobody, although no two of them contradict each other."
    ),
    "ELIGIBILITY_NARROWS_AGE": _("The population is {stated} years of age, but the criteria only leave {left}."),
    "ELIGIBILITY_EXCLUDES_WOMEN": _("The population includes women, whom the criteria exclude."),
    "ELIGIBILITY_EXCLUDES_MEN": _("The population includes men, whom the criteria exclude."),
    "ELIGIBILITY_EXCLUDES_POPULATION": _("The criteria exclude everybody of the stated population."),
    "ELIGIBILITY_NOT_DECIDED": _("{count} of {all} criteria could not be compared, in whole or in part: {criteria}"),
    "POPULATION_NOT_STATED": _("The package does not state the population."),
    "WINDOWS_OVERLAP": _("The windows of {one} and {other} overlap: days {first} to {last} belong to both."),
    "FORM_NOT_ANALYSED": _(
        "Nobody uses the {count} questions of {label}: no objective, criterion, rule of another form or dataset."
    ),
    "TEXT_HARD_TO_READ": _(
        "The text is hard to read in {language}: {score} points, {words} words a sentence, {syllables} syllables a word."
    ),
    "TEXT_TOO_SHORT": _("The text has {count} words in {language}, too few to judge how readable it is."),
    "TEXT_WITHOUT_FORMULA": _("How readable the text is in {language} was not judged."),
    "NO_TEXTS_FOR_PARTICIPANTS": _("The package has no texts for participants (public_title, participant_texts)."),
}
REASONS = {
    "BURDEN_TIME_UNKNOWN": _("Hours can only be added up when every activity declares its minutes."),
    "BURDEN_BLOOD_UNKNOWN": _("Ethics committees ask for the volume of blood per visit and in total."),
    "BURDEN_BLOOD_LIMIT": _(
        "Above 550 mL in 8 weeks (healthy adults) or 50 mL (others) review cannot be expedited (OHRP 1998, category 2)."
    ),
    "BURDEN_LONG_ENCOUNTER": _("Beyond four hours participants need meals and rest, which the protocol should plan."),
    "BURDEN_MANY_QUESTIONNAIRES": _(
        "Answers get worse the more questionnaires are answered in a row; five at a time is the limit used here."
    ),
    "NO_OBJECTIVES_NAMED": _(
        "Without the link nobody can tell which procedures the trial needs (ICH M11, ICH E8(R1) section 3.2)."
    ),
    "PROCEDURE_WITHOUT_OBJECTIVE": _(
        "A procedure that serves no objective burdens participants for nothing (ICH E8(R1) section 3.2)."
    ),
    "PROCEDURE_NOT_SCHEDULED": _("An activity outside the schedule is forgotten or done without a plan."),
    "OBJECTIVE_WITHOUT_PROCEDURE": _("An objective without a procedure cannot be answered."),
    "OBJECTIVE_WITHOUT_ENDPOINT": _("Each objective is answered by at least one endpoint (ICH M11 section 3)."),
    "PRIMARY_WITHOUT_ESTIMAND": _("A primary objective is stated as an estimand (ICH E9(R1), ICH M11 section 3.1)."),
    "ELIGIBILITY_CONTRADICTS_ITSELF": _("The criteria were compared by the values they allow."),
    "ELIGIBILITY_IMPOSSIBLE": _("The criteria were compared by the values they allow."),
    "ELIGIBILITY_EXCLUDES_EVERYBODY": _("The criteria were compared by the values they allow."),
    "ELIGIBILITY_NARROWS_AGE": _("The stated population and the criteria should be the same people."),
    "ELIGIBILITY_EXCLUDES_WOMEN": _("The stated population and the criteria should be the same people."),
    "ELIGIBILITY_EXCLUDES_MEN": _("The stated population and the criteria should be the same people."),
    "ELIGIBILITY_EXCLUDES_POPULATION": _("The stated population and the criteria should be the same people."),
    "ELIGIBILITY_NOT_DECIDED": _(
        "Only expressions that compare an item with fixed values can be compared; the rest is for a person to judge."
    ),
    "POPULATION_NOT_STATED": _("Without it the criteria cannot be held against whom the trial is about."),
    "WINDOWS_OVERLAP": _("A visit in the overlap cannot be told apart by its date."),
    "FORM_NOT_ANALYSED": _("Data that nobody analyses should not be collected (ICH E6(R3) section 3.16.1)."),
    "TEXT_HARD_TO_READ": _(
        "Texts for participants should reach 60 points of the reading ease of their language ({formula})."
    ),
    "TEXT_TOO_SHORT": _("A reading ease formula needs 30 words or more."),
    "TEXT_WITHOUT_FORMULA": _("Helmont has a reading ease formula for English, Dutch, French and German."),
    "NO_TEXTS_FOR_PARTICIPANTS": _("Readability is only judged of what participants are given to read."),
}
