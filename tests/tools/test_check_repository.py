"""What may not be committed."""

from pathlib import Path

import pytest

from tools.check_repository import file_faults, lock_faults


@pytest.mark.parametrize(
    "line",
    [
        "see /" + "root/.cache/thing",
        "open('/" + "home/ada/trial.csv')",
        "https://" + "pypi.org/simple",
        "//" + "registry.npmjs.org/htmx",
    ],
)
def test_a_machine_path_or_an_index_address_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "notes.md"
    file.write_text(f"First line\n{line}\n")
    [fault] = file_faults(file)
    assert fault.startswith("line 2: ")


def test_ordinary_links_and_relative_paths_pass(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("See https://www.cdisc.org/standards/odm and docs/home/page.md, /usr/bin/chromium.\n")
    assert list(file_faults(file)) == []


def test_a_lock_without_addresses_whose_every_line_has_a_hash_passes() -> None:
    assert list(lock_faults(b"anyio==4.1 \\\n    --hash=sha256:00\n    # via httpx\n")) == []


def test_a_requirement_without_hash_is_named() -> None:
    assert list(lock_faults(b"anyio==4.1 \\\n    --hash=sha256:00\nclick==8.3\n")) == [
        "requirements.lock: click==8.3 has no hash"
    ]


def test_an_address_in_the_lock_is_refused() -> None:
    [fault] = lock_faults(b"click @ https://index.example/click.whl --hash=sha256:00\n")
    assert "holds an address" in fault
