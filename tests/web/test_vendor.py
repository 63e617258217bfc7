"""Files written by others are exactly the ones the manifest names, and pages fetch nothing from elsewhere."""

import hashlib
import json
import re
from pathlib import Path

import pytest

import helmont

STATIC = Path(helmont.__file__).parent / "web" / "static"
VENDOR = STATIC / "vendor"
MANIFEST = json.loads((VENDOR / "MANIFEST.json").read_text())
LICENCES = {
    "OFL-1.1": "SIL Open Font License, Version 1.1",
    "MIT": "Permission is hereby granted, free of charge, to any person obtaining a copy",
}


def test_every_vendored_file_has_the_hash_in_the_manifest() -> None:
    declared = {name: sha256 for package in MANIFEST["packages"] for name, sha256 in package["files"].items()}
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "MANIFEST.json"
    }
    assert found == declared


@pytest.mark.parametrize("package", MANIFEST["packages"], ids=lambda package: str(package["name"]))
def test_every_package_names_version_and_licence_and_brings_the_licence_text(package: dict[str, object]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", str(package["version"]))
    words = LICENCES[str(package["licence"])]
    files = package["files"]
    assert isinstance(files, dict)
    texts = [(VENDOR / name).read_text() for name in files if name.endswith(".txt")]
    assert any(words in text for text in texts)


@pytest.mark.parametrize("path", sorted(STATIC.glob("helmont/*.css")), ids=lambda path: path.name)
def test_style_sheets_refer_only_to_files_that_are_here(path: Path) -> None:
    text = path.read_text()
    assert "@import" not in text
    for target in re.findall(r"url\(\"?([^\")]+)", text):
        assert (path.parent / target).resolve().is_file(), f"{path.name} refers to {target}"
