"""What is wrong with a data set is said with file and line, before anything is made."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import copytree

import pytest

from helmont.study.datasets.privileges import guarded
from helmont.study.loading import check_folder, load_study
from helmont.study.publishing import from_document, to_document
from helmont.study.writing import write_package
from tests.study.datasets.kit import PACKAGE


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "vs.yaml",
            "reference: DM.RFSTDTC",
            "reference: DM.RFSTDT",
            "derive_vars_dy.reference: DM has no variable RFSTDT (did you mean RFSTDTC?)",
        ),
        ("vs.yaml", "VSDY: VSDTC", "VSDY: VSDT", "VSDT is not there when derive_vars_dy reads it"),
        ("vs.yaml", "name: VISIT,", "name: VISITX,", "no step of VS makes VISITX"),
        ("vs.yaml", "derive_var_seq:", "derive_var_sequence:", "derive_var_sequence is not a step"),
        ("vs.yaml", "{variable: VSSEQ}", "{variables: VSSEQ}", "variables is not a key"),
        ("vs.yaml", "keys: [USUBJID,", "keys: [USUBJIDX,", "USUBJIDX is not a variable of VS"),
        ("vs.yaml", "length: 200", "length: 201", "201 is not a length of a text"),
        ("dm.yaml", "name: ARM,", "name: ARMDESCRIPTION,", "ARMDESCRIPTION has 14 characters"),
        ("dm.yaml", "participant.site", "participant.sit", "participant.sit is not there"),
        ("dm.yaml", "label: Description of Planned Arm", f"label: {'x' * 41}", "the label has 41 characters"),
        ("advs.yaml", "dataset: VS", "dataset: VX", "VX is not the id of any dataset"),
        ("advs.yaml", "TRTP: DM.ARM", "TRTP: 'DM.ARM +'", "not an expression"),
        (
            "vs.yaml",
            "collect: {domain: VS,",
            "collect: {domain: VSX,",
            "no item of a form has a target in VSX (did you mean VS?)",
        ),
        (
            "vs.yaml",
            "{domain: VS, units",
            "{domain: VS, numbers: [VSORES], units",
            "VSORES is not there when collect reads it",
        ),
        (
            "vs.yaml",
            "Original Units, length: 10}",
            "Original Units, type: float}",
            "VSORRES is a number, and the steps make texts",
        ),
        ("advs.yaml", "AVAL: VSSTRESN", "AVAL: VSORRES", "AVAL is a number, and the steps make texts of it"),
        ("advs.yaml", "AVAL: VSSTRESN", "AVAL: VSSTRSN", "VSSTRSN is not there when compute reads it"),
        ("vs.yaml", "DM.RFSTDTC", "DMM.RFSTDTC", "no data set DMM is made before (did you mean DM?)"),
        ("vs.yaml", "type: float", "type: number", "number is not accepted here (one of: date, datetime, float"),
        ("vs.yaml", "length: 200", "length: long", "long is not a whole number"),
        ("dm.yaml", "length: 40}", "length: 40, codelist: ARMS}", "ARMS is not the id of any codelist (one of: NY)"),
        (
            "../forms/vs.yaml",
            "variable: VSORRES",
            "variable: VSORREZ",
            "which VS does not keep (did you mean VSORRES?)",
        ),
        ("../forms/vs.yaml", "domain: VS,", "domain: VQ,", "its answers go to VQ, which the study does not declare"),
        ("dm.yaml", "- combine_records: {}", "- from_dataset: {dataset: ADVS}", "made of another one of them"),
    ],
)
def test_a_fault_names_the_place(tmp_path: Path, file: str, old: str, new: str, says: str) -> None:
    folder = tmp_path / "study"
    copytree(PACKAGE, folder)
    path = folder / "datasets" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    faults = [str(fault) for fault in check_folder(folder)]
    named = [fault for fault in faults if says in fault]
    assert named, faults
    place = f"datasets/{file}".replace("datasets/../", "")
    assert any(re.match(rf"{re.escape(place)}:\d+: ", fault) for fault in named), named


def test_one_fault_is_not_followed_by_others(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    copytree(PACKAGE, folder)
    path = folder / "datasets" / "advs.yaml"
    path.write_text(path.read_text().replace("dataset: VS", "dataset: VX"))
    assert len(check_folder(folder)) == 1 + len(check_folder(PACKAGE))


def test_data_sets_are_published_and_written_with_the_study(tmp_path: Path) -> None:
    study = load_study(PACKAGE)
    assert from_document(to_document(study)) == study
    write_package(study, tmp_path / "again")
    assert load_study(tmp_path / "again") == study


def test_what_is_made_of_a_hidden_value_is_hidden() -> None:
    guards = guarded(load_study(PACKAGE))
    assert guards["DM"].of("ARM") == guards["ADVS"].of("TRTP") == {"allocation"}
    assert guards["VS"].of("CONFIDE") == guards["ADVS"].of("CONFIDE") == {"source"}
    assert not guards["ADVS"].of("AVAL") | guards["DM"].of("RFSTDTC") | guards["ADVS"].whole
