"""A verification plan in words, and what one version changed of another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from helmont.edc.keys import LOG
from helmont.study.compiling import CompiledStudy
from helmont.study.verification import Participants, VerificationPlan, VerificationRule

RISKS = {"low": gettext_lazy("low"), "medium": gettext_lazy("medium"), "high": gettext_lazy("high")}
EXTENTS = {
    "all": gettext_lazy("Every value"),
    "critical": gettext_lazy("Critical items"),
    "none": gettext_lazy("Nothing"),
}


@dataclass(frozen=True)
class RuleInWords:
    """A rule as a row of a table; ``where`` is empty for a rule about everything."""

    id: str
    name: str
    where: tuple[str, ...]
    who: str
    require: str

    @property
    def sentence(self) -> str:
        return " · ".join([self.require, *(self.where or [_("everywhere")]), self.who])


@dataclass(frozen=True)
class PlanChange:
    """One thing that a version changed: what, and how it read before and after ("" = was not, or is no longer there)."""

    what: str
    before: str
    after: str


class Words:
    """Puts plans of one study into words, in one language."""

    def __init__(self, study: CompiledStudy, language: str) -> None:
        self.study, self.language = study, language

    def rule(self, rule: VerificationRule) -> RuleInWords:
        where = (
            ", ".join(map(self.form, rule.forms)),
            ", ".join(map(self.item, rule.items)),
            ", ".join(map(self.visit, rule.encounters)),
            _("country %s") % ", ".join(rule.countries) if rule.countries else "",
            _("site %s") % ", ".join(rule.sites) if rule.sites else "",
            _("risk %s") % ", ".join(str(RISKS[risk]) for risk in rule.risk) if rule.risk else "",
        )
        name = rule.label.get(self.language)[0] if rule.label else rule.id
        present = tuple(each for each in where if each)
        return RuleInWords(rule.id, name, present, participants(rule.participants), str(EXTENTS[rule.require]))

    def rules(self, plan: VerificationPlan) -> list[RuleInWords]:
        return [self.rule(rule) for rule in plan.rules]

    def form(self, form: str) -> str:
        known = self.study.forms.get(form)
        return known.form.title.get(self.language)[0] if known else form

    def visit(self, visit: str) -> str:
        if visit == LOG:
            return _("Logs")
        known = self.study.encounters.get(visit)
        return known.label.get(self.language)[0] if known else visit

    def item(self, name: str) -> str:
        """``FORM.ITEM`` by its label; its form is named too, since forms share labels such as Date."""
        form, _dot, item = name.partition(".")
        known = self.study.forms.get(form)
        label = (
            next((each.label.get(self.language)[0] for each in known.form.items() if each.id == item), "")
            if known
            else ""
        )
        return f"{label} ({self.form(form)})" if label else name

    def changes(self, old: VerificationPlan, new: VerificationPlan) -> Iterator[PlanChange]:
        """What the newer plan says otherwise, rule by rule, and the order when only that differs."""
        before, after = ({rule.id: rule for rule in plan.rules} for plan in (old, new))
        for id in [*after, *(id for id in before if id not in after)]:
            was, now = before.get(id), after.get(id)
            if was == now:
                continue
            said = [self.rule(rule) if rule else None for rule in (was, now)]
            name = next(rule.name for rule in reversed(said) if rule)
            texts = [rule.sentence if rule else "" for rule in said]
            if said[0] and said[1] and said[0].name != said[1].name:
                texts = [f"{rule.name}: {rule.sentence}" for rule in said if rule]
            yield PlanChange(name, *texts)
        kept = [[rule.id for rule in plan.rules if rule.id in before and rule.id in after] for plan in (old, new)]
        if kept[0] != kept[1]:
            names = [
                [self.rule(rules[id]).name for id in ids] for rules, ids in zip((before, after), kept, strict=True)
            ]
            yield PlanChange(_("Order of the rules"), ", ".join(names[0]), ", ".join(names[1]))
        if old.default != new.default:
            yield PlanChange(_("Everything else"), str(EXTENTS[old.default]), str(EXTENTS[new.default]))
        for site in sorted(old.site_risk.keys() | new.site_risk.keys()):
            risks = [plan.site_risk.get(site, "medium") for plan in (old, new)]
            if risks[0] != risks[1]:
                yield PlanChange(_("Risk of site %s") % site, *(str(RISKS[risk]) for risk in risks))


def participants(who: Participants | None) -> str:
    """Which participants a rule is about."""
    if who is None:
        return _("everybody")
    if who.first is not None:
        return ngettext("the first participant of each site", "the first %(n)s of each site", who.first) % {
            "n": who.first
        }
    if who.every is not None:
        return _("every %(n)s. participant of each site") % {"n": who.every}
    return _("a sample of %(n)s%%, drawn with the seed “%(seed)s”") % {"n": who.sample, "seed": who.seed}
