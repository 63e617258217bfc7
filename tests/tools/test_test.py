"""How the counts of a run are read."""

from pathlib import Path

from tools.test import read_counts

REPORT = """<testsuites><testsuite>
<testcase name="a"/>
<testcase name="b"><failure>no</failure></testcase>
<testcase name="c"><error>no</error></testcase>
<testcase name="d"><skipped type="pytest.skip"/></testcase>
<testcase name="e"><skipped type="pytest.xfail"/></testcase>
</testsuite></testsuites>"""


def test_an_error_is_a_failure_and_an_expected_failure_is_a_pass(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    assert read_counts(report) == {"passed": 2, "failed": 2, "skipped": 1}
