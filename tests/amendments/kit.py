"""The study ORCHID of ``tests/edc`` with another version, the people who amend it, and short ways to do so."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helmont.amendments.actions.planning import ApproveAmendment, SetApproval
from helmont.amendments.actions.running import RunAmendment
from helmont.amendments.models import Amendment
from helmont.amendments.planning import plan
from helmont.amendments.running import work_through
from helmont.core.ledger import store
from helmont.core.ledger.verify import verify
from helmont.core.permissions import Actor
from helmont.core.rows import Rows
from helmont.core.signatures.evidence import Evidence, hash_of
from helmont.core.transactions import Transaction, format_time
from helmont.core.writer import perform
from helmont.studies.actions import PublishDefinition
from helmont.study.loading import load_study
from helmont.study.model import Study
from tests.edc import kit

PACKAGE = Path(kit.__file__).parent / "package"
Edits = Sequence[tuple[str, str, str]]


def amended(folder: Path, edits: Edits, amendment: str = "", version: str = "2.0", base: Path = PACKAGE) -> Study:
    """The package of ``base`` as another version: each edit replaces a text in a file that has it."""
    shutil.copytree(base, folder)
    for name, old, new in [("study.yaml", 'version: "1.0"', f'version: "{version}"'), *edits]:
        text = (folder / name).read_text(encoding="utf-8") if (folder / name).exists() else ""
        assert old in text, f"{name} has no {old!r}"
        (folder / name).write_text(text.replace(old, new) if old else new, encoding="utf-8")
    if amendment:
        (folder / "amendment.yaml").write_text(amendment, encoding="utf-8")
    return load_study(folder)


def evidence(plan_key: str, by: Actor = kit.SAM) -> Evidence:
    """The evidence of a ceremony in which the signer was shown a plan."""
    tx = Transaction(Rows(), plan_key.split("/", 1)[0], datetime.now(UTC))
    moment = datetime.now(UTC)
    return Evidence(
        person=by.handle, name="Sam", meaning="amendment_approval", statement="I approve.",
        signed={f"amendment_plan:{plan_key}": hash_of("amendment_plan", tx.require("amendment_plan", plan_key))},
        time=format_time(moment), nonce=f"{moment.timestamp()}", method="password",
    )  # fmt: skip


def planned(study: Study, by: Actor = kit.SAM) -> Amendment:
    """Publish a version and put its plan on record."""
    perform(PublishDefinition(study, amends=True), kit.IMPORT)
    key = perform(plan(study.id, study.version), by).result
    return Amendment.objects.get(key=key)


def approved(study: Study, by: Actor = kit.SAM, places: dict[str, str] | None = None) -> Amendment:
    """Plan, approve and start an amendment; in force everywhere unless told otherwise."""
    amendment = planned(study, by)
    perform(ApproveAmendment(evidence(amendment.plan, by), amendment.plan), by)
    for place, day in (places or {"*": "2026-01-01"}).items():
        perform(SetApproval(amendment.key, place, day), by)
    perform(RunAmendment(amendment.key), by)
    return Amendment.objects.get(key=amendment.key)


def carried_out(study: Study, **options: Any) -> Amendment:
    """The same, and work through everybody whose turn it is."""
    amendment = approved(study, **options)
    work_through(amendment.key)
    return Amendment.objects.get(key=amendment.key)


def entries(study: str, action: str, since: int = 0) -> list[dict[str, Any]]:
    """What the entries of an action say, from a size of the log on."""
    found = (store.read_entry(study, number) for number in range(since, store.log_size(study)))
    return [entry.content for entry in found if entry is not None and entry.action == action]


def is_clean(study: str) -> bool:
    """Whether the tables are what the ledger says."""
    return verify([study]).clean
