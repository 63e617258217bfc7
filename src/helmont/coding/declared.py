"""What a study asks to be coded, and the version of the dictionary it codes with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from helmont.coding.models import Dictionary, DictionaryUse
from helmont.edc.items import base_item
from helmont.studies.models import Definition, Study
from helmont.studies.queries import compiled
from helmont.study.compiled_forms import CompiledForm
from helmont.study.compiling import CompiledStudy
from helmont.study.model import Coding, StudyDictionary


@lru_cache(maxsize=1024)
def coded_items(form: CompiledForm) -> Mapping[str, Coding]:
    """Item id to what the study says of its coding, for the items of a form that are coded."""
    return {item.id: item.coding for item in form.form.items() if item.coding}


def coded_forms(study: CompiledStudy) -> dict[str, Mapping[str, Coding]]:
    """Form id to its coded items, for the forms that have any."""
    return {name: items for name, form in study.forms.items() if (items := coded_items(form))}


def coded_values(form: CompiledForm, data: Mapping[str, Any]) -> Iterator[tuple[str, Coding, str]]:
    """Item key, what is said of its coding, and the verbatim, for each text there is to code."""
    items = coded_items(form)
    for key, value in data.items():
        if (coding := items.get(base_item(key))) and isinstance(value, str) and value.strip():
            yield key, coding, value


def use_key(study: str, name: str) -> str:
    return f"{study}/dictionaries/{name}"


@dataclass(frozen=True)
class InUse:
    """A dictionary that a study declares; ``loaded`` is the version it codes with, None when that is not in the installation."""

    declared: StudyDictionary
    loaded: Dictionary | None

    @property
    def name(self) -> str:
        return self.declared.id


def dictionaries_in_use(study: str) -> dict[str, InUse]:
    """The dictionaries of the study's current definition, by their id."""
    row = Study.objects.filter(key=study).first()
    if row is None or not row.definition:
        return {}
    upgraded = dict(DictionaryUse.objects.filter(study=study).values_list("name", "dictionary"))
    declared = compiled(study, row.definition).study.dictionaries
    return {each.id: InUse(each, _loaded(each, upgraded.get(each.id, ""))) for each in declared}


def _loaded(declared: StudyDictionary, upgraded: str) -> Dictionary | None:
    if upgraded:
        return Dictionary.objects.filter(key=upgraded).first()
    found = Dictionary.objects.filter(name=declared.name, version=declared.version).order_by("key")
    if declared.language:
        found = found.filter(language__iexact=declared.language)
    return found.first()


def declaration(study: str) -> str:
    """A text that changes when what is coded, or what it is coded with, does."""
    versions = Definition.objects.filter(study=study).order_by("version").values_list("version", flat=True)
    parts = [
        f"{version} {form} {item} {coding.dictionary}"
        for version in versions
        for form, items in coded_forms(compiled(study, version)).items()
        for item, coding in items.items()
    ]
    parts += [f"{name} {each.loaded.key if each.loaded else ''}" for name, each in dictionaries_in_use(study).items()]
    return sha256("\n".join(parts).encode()).hexdigest()
