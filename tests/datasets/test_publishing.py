"""The package of the tests' study: what is in it, what it says of itself, and that it is the same again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pandas
import pyreadstat
import pytest
from click.testing import CliRunner

from helmont.cli import main
from helmont.core.errors import NotFound
from helmont.core.ledger.store import log_size, read_entry
from helmont.core.writer import perform
from helmont.datasets.points import data_and_point, size_at
from helmont.edc.actions.entry import SaveForm
from helmont.reports.package import Occupied, Package
from helmont.reports.submission import Sources, make_package
from helmont.standards.define import define_findings, read
from tests import cast

pytestmark = pytest.mark.database


def publish(folder: Path, size: int | None = None) -> Package:
    data, point = data_and_point(cast.STUDY, size)
    package = Package(folder)
    make_package(package, data.context.study, data.frames(), point, Sources.read(cast.STUDY, cast.PACKAGE))
    return package


def test_the_package_holds_what_its_manifest_says(tmp_path: Path) -> None:
    package = publish(tmp_path / "package")
    manifest = json.loads((tmp_path / "package" / "manifest.json").read_bytes())
    assert manifest["ledger"]["entries"] == log_size(cast.STUDY)
    assert manifest["ledger"]["root"]
    assert str(log_size(cast.STUDY)) in manifest["ledger"]["checkpoint"].splitlines()
    for name, digest in manifest["files"].items():
        assert sha256((tmp_path / "package" / name).read_bytes()).hexdigest() == digest
    for name in (
        "sdtm/vs.xpt",
        "sdtm/vs.json",
        "sdtm/define.xml",
        "sdtm/define.html",
        "sdtm/acrf.pdf",
        "sdtm/csdrg.pdf",
    ):
        assert name in manifest["files"]
    assert {"adam/advs.xpt", "adam/define.xml", "adam/adrg.docx", "findings.txt", "findings.json"} <= manifest[
        "files"
    ].keys()
    assert manifest["complete"] is package.complete is False


def test_the_transport_file_says_what_the_definition_says(tmp_path: Path) -> None:
    publish(tmp_path)
    define, faults = read(tmp_path / "sdtm" / "define.xml")
    assert define is not None
    assert not [one for one in faults if one.severity == "error"]
    assert not [
        one for one in define_findings(define) if one.severity == "error" and one.place not in ("IG.VS", "IG.AE")
    ]
    frame, meta = pyreadstat.read_xport(tmp_path / "sdtm" / "vs.xpt")
    vs = next(one for one in define.datasets if one.name == "VS")
    assert [one.item.name for one in vs.variables] == meta.column_names
    assert [one.item.label for one in vs.variables] == meta.column_labels
    (systolic,) = frame[frame.VSTESTCD == "SYSBP"].VSSTRESN
    by_pandas = pandas.read_sas(tmp_path / "sdtm" / "vs.xpt", format="xport", encoding="utf-8")
    assert by_pandas.shape == frame.shape
    rows = json.loads((tmp_path / "sdtm" / "vs.json").read_bytes())
    place = [column["name"] for column in rows["columns"]].index("VSSTRESN")
    assert systolic in [row[place] for row in rows["rows"]]


def test_the_same_entries_give_the_same_bytes_and_later_ones_other_data(tmp_path: Path) -> None:
    size = log_size(cast.STUDY)
    first = publish(tmp_path / "first")
    perform(SaveForm(cast.VS, {"SYSBP": "133"}, reason="Misread"), cast.actor("coordinator"))
    again = publish(tmp_path / "again", size)
    assert again.digests == first.digests
    later = publish(tmp_path / "again")
    changed = {name for name, digest in later.digests.items() if first.digests[name] != digest}
    assert {"sdtm/vs.xpt", "adam/advs.xpt", "manifest.json"} <= changed
    frame, _ = pyreadstat.read_xport(tmp_path / "again" / "sdtm" / "vs.xpt")
    assert frame[frame.VSTESTCD == "SYSBP"].VSSTRESN.to_list() == [133.0]


def test_a_point_is_an_entry_or_a_time() -> None:
    size = log_size(cast.STUDY)
    last = read_entry(cast.STUDY, size - 1)
    assert last is not None
    moment = datetime.fromisoformat(last.time)
    assert size_at(cast.STUDY, str(size - 1)) == size_at(cast.STUDY, last.time) == size
    assert size_at(cast.STUDY, (moment + timedelta(days=1)).date().isoformat()) == size
    assert size_at(cast.STUDY, (moment - timedelta(microseconds=1)).isoformat()) < size
    assert size_at(cast.STUDY, "0") == 1
    for wrong in (str(size), "1999-01-01"):
        with pytest.raises(NotFound):
            size_at(cast.STUDY, wrong)
    with pytest.raises(ValueError, match="yesterday"):
        size_at(cast.STUDY, "yesterday")
    assert moment < datetime.now(UTC)


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(Occupied):
        publish(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_strict_refuses_an_incomplete_package(tmp_path: Path) -> None:
    arguments = ["publish", cast.STUDY, "--to", str(tmp_path / "package"), "--json", "--processes", "1"]
    loose = CliRunner().invoke(main, arguments)
    assert loose.exit_code == 0, loose.output
    assert json.loads(loose.stdout)["complete"] is False
    assert CliRunner().invoke(main, [*arguments, "--strict"]).exit_code == 1
