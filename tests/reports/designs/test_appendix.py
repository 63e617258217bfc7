"""The appendix of a protocol: every kind of design has one, it says what its attachment holds, its numbers are found again."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from helmont.design import DESIGNS, Boin, Declared, DesignError, GroupSequential, Means
from helmont.reports.designs import appendix, read, rederive
from helmont.reports.designs.asking import Asked
from helmont.reports.designs.attachment import contents_of
from helmont.reports.designs.blocks import Bars, Curves, Grid, Table
from helmont.reports.designs.content import asked_of, section, sections
from helmont.reports.designs.examples import EXAMPLES
from helmont.reports.designs.language import speaking

BOIN = Boin(doses=5, target=0.3, cohorts=6)
TRUTHS = (((0.05, 0.15, 0.3, 0.45, 0.6),),)
SMALLER: dict[str, dict[str, Any]] = {
    "Blrm": {"patients": 6},
    "Boin12": {"cohorts": 4},
    "BorrowingTrial": {"prior": {"design": "MapBinary", "history": [[4, 20]], "components": 1}},
    "Crm": {"patients": 9},
    "ResponseAdaptive": {"patients": 20},
}
"""Of designs that take long by their size."""


def example(kind: str) -> Declared:
    return Declared.from_dict({"design": kind, **EXAMPLES[kind].settings, **SMALLER.get(kind, {})})


def opened(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in opened(pdf).pages)


def test_every_kind_has_an_example() -> None:
    assert set(EXAMPLES) == set(DESIGNS)


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_kind_has_an_appendix_whose_numbers_are_found_again(kind: str, tmp_path: Path) -> None:
    design = example(kind)
    pdf = appendix((design,), EXAMPLES[kind].scenarios, seed=6, trials=40, patients=12)
    reader = opened(pdf)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    assert design.digest in text_of(pdf)
    [settings] = reader.attachments[f"{kind.lower()}.json"]
    assert Declared.from_dict(json.loads(settings)) == design
    (tmp_path / "a.pdf").write_bytes(pdf)
    contents = read(tmp_path / "a.pdf")
    assert json.loads(reader.attachments["appendix.json"][0]) == contents
    assert rederive(contents) == ()


def test_the_same_design_is_the_same_file() -> None:
    assert appendix((BOIN,), TRUTHS) == appendix((BOIN,), TRUTHS)
    assert appendix((BOIN,), TRUTHS) != appendix((BOIN,), TRUTHS, seed=7)
    dated = appendix(
        (BOIN,), TRUTHS, moment=datetime(2026, 11, 22, tzinfo=UTC), title="Dose escalation", protocol="ABC-101"
    )
    assert opened(dated).metadata.title == "Dose escalation"
    assert "2026-11-22" in text_of(dated)
    assert "ABC-101" in text_of(dated)
    assert "1980" not in text_of(appendix((BOIN,), TRUTHS))


def test_it_is_pdf_a_3a_and_ua_1() -> None:
    metadata = opened(appendix((BOIN,), TRUTHS)).trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


def test_the_pages_say_the_numbers_of_the_design() -> None:
    text = text_of(appendix((BOIN,), TRUTHS))
    found = BOIN.exact(TRUTHS[0][0])
    for share, n in zip(found.selection, found.patients, strict=True):
        assert f"{100 * share:.1f}" in text
        assert f"{n:.2f}" in text
    assert f"{BOIN.lambda_e:.6f}" in text
    assert "Exact:everyoutcomeofthetrialisenumerated" in text
    assert "helmontdesignexactboin.json--truth0.05,0.15,0.3,0.45,0.6--json" in text
    assert "18patientsaretreatedin6cohortsof3,at5doses" in text


def test_what_is_simulated_says_so() -> None:
    design = example("BoinCombination")
    text = text_of(appendix((design,), EXAMPLES["BoinCombination"].scenarios, seed=11, trials=40))
    assert "Simulated:40trials,seed11,generatorPCG64(numpy)" in text
    assert "MonteCarlostandarderrorsareinparentheses" in text


def test_a_platform_says_what_becomes_of_controls_of_another_time() -> None:
    design = example("PlatformTrial")
    found = sections(design, EXAMPLES["PlatformTrial"].scenarios, trials=40)[2:]
    assert [each.scenario for each in found] == [
        "true values 0.3, 0.3, 0.5, 0.45",
        "true values 0.3, 0.3, 0.3, 0.3 at first, with a trend of 0.5 over 600",
    ]
    assert "helmont design simulate platformtrial.json" in found[1].command
    assert '--truth "0.3,0.3,0.3,0.3;0.5,600.0"' in found[1].command
    [decided, taken] = [block for block in found[0].blocks if isinstance(block, Table)]
    assert [row[0] for row in decided.rows] == [row[0] for row in taken.rows] == ["A", "B", "C"]
    assert any(getattr(block, "text", "").startswith("All patients of all arms") for block in found[0].blocks)
    with pytest.raises(DesignError, match="the amount of a trend and its time"):
        sections(design, (((0.3, 0.3, 0.5, 0.45), (1.0,)),), trials=40)


def test_an_endpoint_is_sized_for_the_trial_beside_it() -> None:
    trial = GroupSequential(2, 0.025, 0.1, "OF")
    text = text_of(appendix((trial, Means(0.5)), protocol="ABC"))
    size = Means(0.5).sample_size(trial)
    assert f"{size.maximum:.2f}" in text
    assert "fixed_size(" not in text


def test_designs_of_one_kind_have_files_of_their_own() -> None:
    reader = opened(appendix((BOIN, Boin(doses=3, target=0.25, cohorts=4))))
    assert sorted(reader.attachments) == ["appendix.json", "boin-1.json", "boin-2.json"]


def changed(contents: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    other = deepcopy(contents)
    at: Any = other
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    return other


def place_of(contents: dict[str, Any], name: str) -> int:
    return next(place for place, each in enumerate(contents["designs"][0]["answers"]) if each["name"] == name)


def test_a_changed_number_is_found() -> None:
    contents = json.loads(json.dumps(contents_of(Asked(TRUTHS, 40, 6, 12, (BOIN,)))))
    assert rederive(contents) == ()
    place = place_of(contents, "scenario")
    answer = contents["designs"][0]["answers"][place]["answer"]
    path = ("designs", 0, "answers", place, "answer", "selection", 2)
    [found] = rederive(changed(contents, path, answer["selection"][2] + 1e-6))
    assert found.where == f"design 1 (Boin), answer {place + 1} (scenario), selection[3]"
    assert found.found == answer["selection"][2]
    assert rederive(changed(contents, path, answer["selection"][2] * (1 + 1e-13))) == ()
    [letter] = rederive(
        changed(
            contents, ("designs", 0, "answers", place_of(contents, "decision_table"), "answer", "decisions", 2, 0), "S"
        )
    )
    assert (letter.stated, letter.found) == ("S", "E")
    assert "digest" in rederive(changed(contents, ("designs", 0, "digest"), "sha256:0"))[0].where
    assert any("digest" in each.where for each in rederive(changed(contents, ("designs", 0, "design", "cutoff"), 0.9)))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("format",), "other", "format is 'other'"),
        (("designs",), 3, "designs is 3"),
        (("designs", 0, "design"), "Boin", "the settings of a design"),
        (("designs", 0, "answers"), None, "answers is None"),
        (("designs", 0, "answers", 0, "steps"), 7, "a name and steps"),
        (("designs", 0, "answers", 0, "steps", 0, "method"), "__class__", "method is '__class__'"),
        (("designs", 0, "answers", 0, "steps", 0, "method"), "seal", "one that Boin answers"),
        (("designs", 0, "answers", 2, "steps", 0, "arguments"), {"rows": 2}, "given arguments that it takes"),
    ],
)  # fmt: skip
def test_what_is_no_appendix_is_refused(path: tuple[Any, ...], value: Any, said: str) -> None:
    contents = json.loads(json.dumps(contents_of(Asked((), 40, 6, 12, (BOIN,)))))
    with pytest.raises(DesignError, match=said):
        rederive(changed(contents, path, value))


def test_files_that_hold_no_appendix_are_refused(tmp_path: Path) -> None:
    for content in (b"%PDF-1.7 nothing", b"[]", b"\xff"):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(DesignError, match="the PDF of an appendix"):
            read(tmp_path / "file")


@pytest.mark.parametrize(
    ("kind", "truths", "said"),
    [
        ("Boin", (((0.1, 0.2), (0.1, 0.2)),), "one row of numbers"),
        ("Boin12", (((0.1, 0.2, 0.3),),), "two rows: toxicity rates, and response rates"),
        ("Boin", (((0.1,),),), "5 rates, one a dose"),
    ],
)
def test_truths_that_do_not_fit_are_refused(kind: str, truths: Any, said: str) -> None:
    with pytest.raises(DesignError, match=said):
        appendix((example(kind),), truths)


def test_no_designs_have_no_appendix() -> None:
    with pytest.raises(DesignError, match="one or more designs"):
        appendix(())


def test_sections_are_asked_one_by_one() -> None:
    asked = asked_of(BOIN, TRUTHS)
    assert [question.name for question in asked] == ["lambda_e", "lambda_d", "decision_table", "pathways", "scenario"]
    assert [question.slow for question in asked] == [False, False, False, False, True]
    table = section(BOIN, asked[2].answered(BOIN))
    assert table.command == "helmont design table boin.json --json"
    [letters] = [block for block in table.blocks if isinstance(block, Grid)]
    assert [cell.text for cell in letters.rows[0][1]] == ["E", "S", "D", "DU"]
    assert [cell.tone for cell in letters.rows[0][1]] == ["E", "S", "D", "DU"]
    done: list[tuple[int, int]] = []
    whole = sections(BOIN, TRUTHS, progress=lambda here, total: done.append((here, total)))
    assert [each.name for each in whole] == ["words", "settings", *(question.name for question in asked)]
    assert done[-1] == (5, 5)
    [bars] = [block for block in whole[-1].blocks if isinstance(block, Bars)]
    assert bars.groups[2][0] == "Dose 3 ◆"


def test_ways_of_full_cohorts_are_not_shown_of_a_trial_that_begins_with_single_patients() -> None:
    names = [question.name for question in asked_of(Boin(doses=4, target=0.25, titration=True))]
    assert names == ["lambda_e", "lambda_d", "decision_table"]


def test_as_many_trials_are_simulated_as_take_a_moment_unless_asked() -> None:
    def trials(kind: str, asked: int | None) -> int:
        question = asked_of(example(kind), EXAMPLES[kind].scenarios, asked)[-1]
        return int((question.otherwise or question).to_dict()["steps"][-1]["arguments"]["trials"])  # type: ignore[index, call-overload]

    assert (trials("Boin", None), trials("BackfillBoin", None), trials("BackfillBoin", 70)) == (10_000, 1_000, 70)


def test_bounds_and_power_have_figures() -> None:
    found = {each.name: each for each in sections(GroupSequential(3, 0.025, 0.1, "OF", "HSD"))}
    [bounds] = [block for block in found["bounds"].blocks if isinstance(block, Curves)]
    assert [line.dash for line in bounds.lines] == ["solid", "dashed"]
    assert len(found["curve"].blocks) == 1
    assert found["conditional_power"].python.startswith("[design.conditional_power(look=2, z=z) for z in (0.0, ")


def test_expressions_find_the_numbers_again() -> None:
    for kind in ("Boin", "GroupSequential", "SimonTwoStage", "PermutedBlocks", "MapNormal", "PlatformTrial"):
        design = example(kind)
        known = {**DESIGNS, "design": design}
        for question in asked_of(design, EXAMPLES[kind].scenarios, 40, 6, 12):
            found = eval(question.python(), known)
            answer = [
                each.to_dict() if hasattr(each, "to_dict") else each for each in (found if question.each else [found])
            ]
            stated = question.answered(design).answer
            assert json.loads(json.dumps(answer)) == (stated if question.each else [stated]), question.python()


def test_texts_are_in_the_language_that_is_spoken() -> None:
    with speaking(lambda text: text.upper().replace("%(", "%(") if "%" not in text else text):
        [_words, settings, *_rest] = sections(BOIN)
    assert settings.title == "SETTINGS"
    assert sections(BOIN)[1].title == "Settings"


def test_rejections_of_an_enrichment_are_of_populations() -> None:
    [*_before, last] = sections(example("Enrichment"), EXAMPLES["Enrichment"].scenarios[:1], trials=40)
    heads = [block.heads for block in last.blocks if isinstance(block, Table)]
    assert heads == [("Population: the whole, the subgroup", "Rejected", "Standard error")]
