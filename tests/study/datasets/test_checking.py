"""What is wrong with a data set is said with file and line, before anything is made."""

from __future__ import annotations

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
    assert any(says in fault for fault in faults), faults
    assert any(f"datasets/{file}:" in fault or "study.yaml" in fault for fault in faults)


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
