"""Our table against a published one, whose figures may be masked."""

from __future__ import annotations

from helmont.reports.comparing import compare, is_figure

HEAD = "Protocol: TRIAL   Page 1 of 1\nPopulation: Safety\n  Table 1\n  Things\n\n"
PUBLISHED = HEAD + "      Placebo (N=86)\n Age n   86\n Mean   75.2 ( 8.59)\n\nSource: somewhere\n"
MASKED = HEAD + "      Placebo (N=xx)\n Age n   xx\n Mean   xx.x ( x.xx)\n\nSource: somewhere\n"


def test_equal_but_for_blanks() -> None:
    found = compare(PUBLISHED, PUBLISHED.replace("( 8", "(8").replace("somewhere", "elsewhere"))
    assert (found.figures, found.equal, found.differences) == (4, 4, ())


def test_a_difference_is_named() -> None:
    found = compare(PUBLISHED, PUBLISHED.replace("75.2", "75.3"))
    assert (found.figures, found.equal) == (4, 3)
    assert [(each.published, each.ours) for each in found.differences] == [("75.2", "75.3")]


def test_a_masked_figure_has_its_shape() -> None:
    assert compare(MASKED, PUBLISHED).equal == 4
    assert compare(MASKED, PUBLISHED.replace("75.2", "-5.2")).equal == 3
    assert compare(MASKED, PUBLISHED.replace("75.2", "175.2")).equal == 3


def test_what_a_figure_is() -> None:
    assert all(map(is_figure, ("12", "xx.x", "(x.xx)", "[x]", "(-11;16)", ">x.xx*", "(N=xx)", "<.0001")))
    assert not any(map(is_figure, ("Max", "n", "Week", "x-ray", "p-value[1]", "--")))
