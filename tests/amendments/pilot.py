"""The second version of the pilot's package, made from the first: five changes such as protocols are amended with."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

FIRST = Path(__file__).resolve().parents[2] / "studies" / "cdiscpilot01"

AMENDMENT = """\
amends: ['1.0']
summary:
  en: Body measures get a form of their own, a call after one week, actions taken for adverse events
  nl: Lichaamsmaten krijgen een eigen formulier, een telefoongesprek na één week, maatregelen bij voorvallen
  fr: Un formulier propre aux mesures corporelles, un appel après une semaine, mesures prises
  de: Eigenes Formular für Körpermaße, ein Anruf nach einer Woche, ergriffene Maßnahmen
moves:
  - {was: VS.TEMP, now: BODY.TEMP}
  - {was: VS.TEMPLOC, now: BODY.TEMPLOC}
  - {was: VS.WEIGHT, now: BODY.WEIGHT}
  - {was: VS.HEIGHT, now: BODY.HEIGHT}
  - {was: VS.BMI, now: BODY.BMI}
  - {was: AE.AESPID, now: AE.AECODE}
terms:
  - {codelist: AEOUT, was: NOT_RECOVERED, now: ONGOING}
reconsent:
  who: enrolled
  why: {en: A visit was added, nl: Er kwam een bezoek bij, fr: Une visite a été ajoutée, de: Eine Visite kam hinzu}
"""
WEEK_1 = """\
  - id: WEEK_1
    label: {en: Week 1, nl: Week 1, fr: Semaine 1, de: Woche 1}
    epoch: TREATMENT
    number: 3.3
    day: 8
    window: {before: 2, after: 2}
    anchor: BASELINE
    type: phone
"""
ACTION = """\
      - id: AEACN
        label: {en: Action taken, nl: Maatregel, fr: Mesure prise, de: Ergriffene Maßnahme}
        type: text
        length: 200
        sdtm: {domain: AE, variable: AEACN}
"""


def second_version(folder: Path, version: str = "2.0") -> Path:
    """Write the amended package into ``folder``: a form split in two, an item of another type, a visit more, a log
    with other groups, names and items, a term retired with a successor and one without."""
    shutil.copytree(FIRST, folder)
    _edit(folder / "study.yaml", ("\nversion: '1.0'", f"\nversion: '{version}'"))
    (folder / "amendment.yaml").write_text(AMENDMENT, encoding="utf-8")
    vital_signs, body = (folder / "forms/vs.yaml").read_text(encoding="utf-8").split("  - id: VS_BODY\n")
    (folder / "forms/vs.yaml").write_text(vital_signs, encoding="utf-8")
    title = "id: BODY\ntitle: {en: Body measures, nl: Lichaamsmaten, fr: Mesures corporelles, de: Körpermaße}\n"
    text = f"{title}kind: visit\ngroups:\n  - id: BODY_MAIN\n{body}"
    (folder / "forms/body.yaml").write_text(text.replace("SCREENING_1.VS.", "SCREENING_1.BODY."), encoding="utf-8")
    _split_checks(folder / "checks/vital_signs.yaml")
    _edit(
        folder / "protocol.yaml",
        ("    forms: [VS]\n", "    forms: [VS, BODY]\n"),
        ("  - {id: AMBUL_ECG_PLACEMENT,", f"{WEEK_1}  - {{id: AMBUL_ECG_PLACEMENT,"),
        ("  BEHAVIOUR: [BASELINE, ", "  BEHAVIOUR: [BASELINE, WEEK_1, "),
    )
    _edit(
        folder / "forms/ae.yaml",
        ("id: AESPID", "id: AECODE"),
        ("  - id: AE_SERIOUS\n", f"{ACTION}  - id: AE_SERIOUS\n"),
        ("      - id: AESEV\n", "  - id: AE_JUDGED\n    items:\n      - id: AESEV\n"),
    )
    for checks in (folder / "checks").iterdir():
        text = checks.read_text(encoding="utf-8").replace("a.AESPID", "a.AECODE").replace("== AESPID", "== AECODE")
        text = text.replace("item: AESPID", "item: AECODE").replace('"NOT_RECOVERED"', '"ONGOING"')
        checks.write_text(text, encoding="utf-8")
    _edit(
        folder / "forms/cm.yaml",
        (
            "type: decimal\n        range: {min: 0, max: 2500}\n        hard_range: {min: 0, max: 100000}\n        decimals: 4",
            "type: integer\n        range: {min: 0, max: 2500}\n        hard_range: {min: 0, max: 100000}",
        ),
    )
    for checks in (folder / "checks").iterdir():  # their tests are about the first version
        told = [
            {key: value for key, value in check.items() if key != "tests"}
            for check in yaml.safe_load(checks.read_text("utf-8"))
        ]
        checks.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), encoding="utf-8")
    events = folder / "codelists/events.yaml"
    lines = events.read_text(encoding="utf-8").replace("{code: NOT_RECOVERED,", "{code: ONGOING,").splitlines()
    kept = [line for line in lines if "{code: REMOTE," not in line]
    events.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return folder


def _split_checks(path: Path) -> None:
    """The checks of what moved are the new form's."""
    checks = path.read_text(encoding="utf-8").split("- id: ")[1:]
    moved = [
        check.replace("form: VS\n", "form: BODY\n").replace(".VS.", ".BODY.")
        if any(f"item: {item}\n" in check for item in ("TEMP", "TEMPLOC", "WEIGHT", "HEIGHT", "BMI"))
        else check
        for check in checks
    ]
    path.write_text("".join(f"- id: {check}" for check in moved), encoding="utf-8")


def _edit(path: Path, *replacements: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in replacements:
        if old not in text:
            raise ValueError(f"{path.name} has no {old!r}")
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
