"""The pilot's analyses against the datasets that its package declares."""

from __future__ import annotations

from helmont.reports.declared import examine_with
from helmont.study.loading import load_study
from tests.reports.kit import PACKAGE


def test_every_variable_that_the_report_names_is_declared() -> None:
    declared = {each.id: [one.name for one in each.variables] for each in load_study(PACKAGE).datasets}
    assert examine_with(PACKAGE, declared) == []
    del declared["ADCM"]
    (warning,) = examine_with(PACKAGE, declared)
    assert (warning.severity, warning.message.partition(" stand")[0]) == ("warning", "ADCM")
    declared["ADCM"] = ["USUBJID", "CMDECOD"]
    assert {fault.message for fault in examine_with(PACKAGE, declared)} == {
        "the grouping DRUG_CLASS needs CMCLAS, which ADCM does not have"
    }
