"""No content of a folder makes the checker fail: it answers with faults."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmont.study.faults import Fault
from helmont.study.loading import check_folder
from helmont.study.nodes import compose

from .conftest import MINIMAL

FILES = sorted(str(path.relative_to(MINIMAL)) for path in MINIMAL.rglob("*.yaml"))
BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + step, 98 + step, b", ".join([b"*%c" % (97 + step)] * 9)) for step in range(12)
)


def checked(file: str, content: bytes) -> list[Fault]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "package"
        shutil.copytree(MINIMAL, folder)
        (folder / file).write_bytes(content)
        return check_folder(folder)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "this is not UTF-8 text"),
        (b"a: \x00", "not YAML"),
        (b"{{{", "not YAML"),
        (b"[" * 50_000, "nested too deeply"),
        (BOMB, "the file holds too much"),
        (b"a: &a [*a]", "*a names nothing that is complete above it"),
        (b"a: 1\n---\nb: 2\n", "a second document starts here"),
        (b"x" * 4_000_001, "the file is 4000001 bytes"),
    ],
    ids=["empty", "binary", "null", "broken", "deep", "bomb", "circle", "documents", "large"],
)
def test_an_unusable_file_is_one_clear_fault(file: str, content: bytes, message: str) -> None:
    assert any(fault.file == file and message in fault.message for fault in checked(file, content))


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "content", [b"- 1\n- [a]\n- {b: c}\n", b"just text", b"a: {b: {c: [1]}}", b"? [x]\n: y\n", b"~: 1"]
)
def test_a_file_of_the_wrong_shape_is_a_fault(file: str, content: bytes) -> None:
    assert any(fault.file == file and fault.severity == "error" for fault in checked(file, content))


def test_a_folder_in_the_place_of_a_file_is_a_fault(tmp_path: Path) -> None:
    shutil.copytree(MINIMAL, tmp_path, dirs_exist_ok=True)
    (tmp_path / "study.yaml").unlink()
    (tmp_path / "study.yaml").mkdir()
    (tmp_path / "forms" / "more.yaml").mkdir()
    assert {fault.file for fault in check_folder(tmp_path)} == {"study.yaml", "forms/more.yaml"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(FILES),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.integers(0, 30),
            st.sampled_from(
                ["", "[", "]", "{", "}", ":", "- ", "&a ", "*a", "!!int ", "'", '"', "null", "-1", "\n", "  ", "0", "#"]
            )
            | st.text(max_size=6),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_no_mutation_of_a_file_stops_the_checker(file: str, mutations: list[tuple[float, int, str]]) -> None:
    text = (MINIMAL / file).read_text()
    for where, removed, added in mutations:
        at = int(where * len(text))
        text = text[:at] + added + text[at + removed :]
    for fault in checked(file, text.encode("utf-8", "surrogatepass")):
        assert fault.message
        assert fault.file


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_tree_or_a_fault(data: bytes) -> None:
    faults: list[Fault] = []
    assert compose(data, "f.yaml", faults) is not None or faults
