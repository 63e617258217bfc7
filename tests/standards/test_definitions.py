"""Definitions of any format: which one a file is in, zipped packages, and damaged files of each."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmont.standards.definitions import READERS, read_definition, recognise
from helmont.standards.packages import read_package, zip_package
from helmont.standards.usdm import write_usdm
from helmont.study.loading import load_study
from tests.cast import PACKAGE
from tests.standards.xlsform.workbooks import workbook

STUDY = load_study(PACKAGE)
DICTIONARY = b"Variable / Field Name,Form Name,Field Type,Field Label\nid,a,text,Id\nage,a,text,Age\n"
ODM = b'<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" ODMVersion="1.3.2" FileOID="F"/>'
SURVEY = workbook(survey=[["type", "name", "label"], ["integer", "age", "Age"]])
EXAMPLES = {
    "usdm": write_usdm(STUDY),
    "odm": ODM,
    "redcap": DICTIONARY,
    "xlsform": SURVEY,
    "package": zip_package(STUDY),
}


def archive(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize("name", READERS)
def test_a_format_is_known_by_its_content(name: str) -> None:
    assert recognise(EXAMPLES[name]) == name


def test_a_zipped_package_is_the_study_that_was_zipped() -> None:
    imported = read_package(zip_package(STUDY), "cast.zip")
    assert imported.study == STUDY
    assert zip_package(STUDY) == zip_package(STUDY)


def test_a_package_may_be_zipped_without_a_folder_and_with_strays() -> None:
    files = {
        path.relative_to(PACKAGE).as_posix(): path.read_bytes() for path in PACKAGE.rglob("*.yaml")
    } | {"../evil.yaml": b"x", "notes.docx": b"x"}  # fmt: skip
    imported = read_package(archive(**files), "cast.zip")
    assert imported.study == STUDY
    assert {fault.file for fault in imported.findings if fault.message == "this file is not read"} == {
        "../evil.yaml",
        "notes.docx",
    }


def test_faults_of_a_package_name_its_files_and_lines() -> None:
    imported = read_package(archive(**{"a/study.yaml": b"id: X1\nversion: [\n", "a/protocol.yaml": b"{}"}), "a.zip")
    assert imported.study is None
    assert [(fault.file, fault.line) for fault in imported.errors] == [("study.yaml", 3)]
    nothing = read_package(archive(readme=b"x"), "b.zip")
    assert "study.yaml" in {fault.file for fault in nothing.errors}


PROJECT = archive(
    **{"d.csv": DICTIONARY, "e.csv": b"unique_event_name,event_name,arm_num,day_offset\nv_arm_1,V,1,0\n"},
    **{"m.csv": b"arm_num,unique_event_name,form\n1,v_arm_1,a\n", "r.csv": b"form_name,custom_form_label\na,\n"},
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), st.binary(max_size=8)), min_size=1, max_size=5)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*EXAMPLES, "project"])
@given(edits=EDITS)
def test_a_damaged_file_is_a_finding_with_its_place(name: str, edits: list[tuple[float, int, bytes]]) -> None:
    """Bytes replaced, cut out or put in, anywhere."""
    content = bytearray(PROJECT if name == "project" else EXAMPLES[name])
    for where, length, put in edits:
        at = int(where * len(content))
        content[at : at + length] = put
    _, imported = read_definition(bytes(content), "file")
    assert imported.study is not None or imported.errors
