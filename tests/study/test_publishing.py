"""A published study is one document, the same for equal studies, and it reads back as the study it was."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from helmont.study.compiling import CompiledStudy
from helmont.study.faults import StudyFaults
from helmont.study.loading import load_study
from helmont.study.model import Study
from helmont.study.publishing import canonical_json, content_hash, from_document, from_published, to_document
from helmont.study.reading import fields_of

from .conftest import MINIMAL


def test_a_document_reads_back_as_the_same_study(minimal: CompiledStudy) -> None:
    stored = json.loads(json.dumps(to_document(minimal.study)))
    assert from_document(stored) == minimal.study


def test_what_was_published_is_read_however_the_checks_have_grown(minimal: CompiledStudy) -> None:
    stored = to_document(replace(minimal.study, languages=(*minimal.study.languages, "en")))
    with pytest.raises(StudyFaults, match="en is given twice"):
        from_document(stored)
    assert from_published(stored).languages == (*minimal.study.languages, "en")
    with pytest.raises(StudyFaults, match="colour is not a key"):
        from_published(stored | {"colour": "red"})


def test_texts_keep_the_source_language_first_when_keys_were_sorted(minimal: CompiledStudy) -> None:
    study = from_document(json.loads(canonical_json(minimal.study)))
    assert study.title.get("pt") == ("A minimal trial", True)


def test_the_bytes_are_those_of_rfc_8785(minimal: CompiledStudy) -> None:
    assert canonical_json(minimal.study) == rfc8785.dumps(to_document(minimal.study))


def test_the_hash_is_of_the_content_and_not_of_how_it_was_laid_out(tmp_path: Path, minimal: CompiledStudy) -> None:
    for path in MINIMAL.rglob("*.yaml"):
        target = tmp_path / path.relative_to(MINIMAL)
        target.parent.mkdir(exist_ok=True)
        target.write_text("# a comment\n" + path.read_text() + "\n\n")
    assert content_hash(load_study(tmp_path)) == content_hash(minimal.study)


def test_any_change_of_content_changes_the_hash(minimal: CompiledStudy) -> None:
    assert content_hash(replace(minimal.study, version="1.1")) != content_hash(minimal.study)


def test_a_damaged_document_is_refused_with_reasons(minimal: CompiledStudy) -> None:
    document = to_document(minimal.study)
    del document["title"]
    document["forms"][0]["kind"] = "diary"
    with pytest.raises(StudyFaults) as raised:
        from_document(document)
    assert {fault.message for fault in raised.value.faults} >= {"title is missing", "diary is not accepted here"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*fields_of(Study), "items", "min"]), inner)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(list(fields_of(Study))), JSON))
def test_any_json_is_refused_with_reasons(minimal: CompiledStudy, changes: dict[str, object]) -> None:
    document = {**to_document(minimal.study), "forms": [], **changes}
    with pytest.raises(StudyFaults):
        from_document(document)


def test_a_document_of_another_layout_is_refused() -> None:
    with pytest.raises(StudyFaults, match="helmont-study-1"):
        from_document({"format": "something else"})
