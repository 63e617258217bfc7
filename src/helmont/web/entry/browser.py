"""What the browser needs to run a form: its definition, values, surroundings and the words it may have to say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _

from helmont.edc.queries.forms import FormView
from helmont.edc.queries.surroundings import Surroundings
from helmont.study.compiled_forms import CompiledForm
from helmont.study.outcomes import REQUIRED, SKIPPED, automatic_finding, range_finding
from helmont.web.dates import page_language
from helmont.web.entry import words
from helmont.web.entry.rights import Rights


def page_data(
    view: FormView,
    around: Surroundings,
    rights: Rights,
    saved_by: str,
    person: str,
    today: str,
    events: str,
    is_new: bool,
    twice: bool = False,
) -> dict[str, Any]:
    """JSON for ``form.js``. It holds no item, value, check or label that this person may not see.

    ``events``: the address at which the page follows the study.

    ``twice``: what is entered is one of two entries to be compared, and is saved as that.
    """
    study, language = view.participant.study, page_language()
    return {
        "key": view.key,
        "study": study,
        "isNew": is_new,
        "person": person,
        "today": today,
        "language": language,
        "status": view.status,
        "savedBy": saved_by,
        "revision": view.row.revision if view.row else 0,
        "twice": twice,
        "editable": rights.enter,
        "data": view.data,
        "form": definition(view.definition, language, view.hidden),
        "environment": around.environment,
        "months": {"shown": words.months(language), "typed": words.month_names()},
        "texts": texts(),
        "urls": {
            "save": f"/api/v1/{'transcriptions' if twice else 'forms'}/{quote(view.key)}",
            "queries": "/api/v1/queries/",
            "events": events,
            "upload": reverse("entry:upload", args=[study]),
            "file": reverse("entry:file", args=[study, "0" * 64]),
            "line": reverse("entry:line", args=[study, view.participant.number, view.definition.id, "0"])
            if view.definition.form.kind == "log"
            else "",
        },
    }


@lru_cache(maxsize=256)
def definition(form: CompiledForm, language: str, hidden: frozenset[str]) -> dict[str, Any]:
    """``CompiledForm.to_client`` without the hidden items, and with the messages of the checks every form has."""
    described = form.to_client(language)
    groups = []
    for group in described["groups"]:
        items = [_with_messages(form, item, language) for item in group["items"] if item["id"] not in hidden]
        if items:
            groups.append({**group, "items": items})
    seen = {item["id"] for group in groups for item in group["items"]}
    return {
        **described,
        "groups": groups,
        "checks": [
            check
            for check in described["checks"]
            if check["item"] in seen and not (_names(check["expression"]) & hidden)
        ],
        "calculations": [item for item in described["calculations"] if item in seen],
        "automatic": {
            check: automatic_finding(check, "", (language,)).message[language] for check in (REQUIRED, SKIPPED)
        },
    }


def _with_messages(form: CompiledForm, item: dict[str, Any], language: str) -> dict[str, Any]:
    source = form.items[item["id"]].item
    if source.range is None:
        return item
    standard = source.standard_unit or source.unit or next(iter(source.units), None)
    message = range_finding(source.id, "{value}", source.range, standard, (language,)).message[language]
    return {**item, "range_message": message}


def _names(tree: Any) -> set[str]:
    """The first part of every name in an expression's tree."""

    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, list):
            if len(node) == 2 and node[0] == "name" and isinstance(node[1], str):
                yield node[1].split(".")[0]
            for part in node:
                yield from walk(part)

    return set(walk(tree))


def texts() -> dict[str, str]:
    """Every sentence the modules of this page can say, in the language of the page. ``{}`` marks what they fill in."""
    return {
        "number": _("“{}” is not a number. Write a number such as 12 or 12.5."),
        "whole": _("“{}” is not a whole number."),
        "decimals": _("“{}” has too many decimals: at most {1}."),
        "between": _("{} is not possible here: {1} to {2} is accepted."),
        "atLeast": _("{} is not possible here: at least {1} is accepted."),
        "atMost": _("{} is not possible here: at most {1} is accepted."),
        "length": _("{} characters are too many: at most {1}."),
        "date": _("“{}” is not a date. Write it like 26 12 2013 or 26 dec 2013."),
        "dateIncomplete": _("“{}” is not complete: {1}."),
        "needsDay": _("day, month and year are needed"),
        "needsMonth": _("month and year are needed"),
        "needsYear": _("the year is needed"),
        "needsTime": _("the time is needed, such as 09:05"),
        "future": _("{} is in the future."),
        "time": _("“{}” is not a time. Write it like 09:05."),
        "unit": _("Choose the unit."),
        "reason": _("Say why it was not done."),
        "dayUnknown": _("{}, day unknown"),
        "monthUnknown": _("{}, month and day unknown"),
        "dateUnknown": _("Date unknown"),
        "unsavedOne": _("1 answer not saved yet"),
        "unsaved": _("{} answers not saved yet"),
        "allSaved": _("Everything is saved"),
        "saving": _("Saving…"),
        "saved": _("Saved"),
        "completed": _("Saved and complete"),
        "savedWithQueries": _("Saved. Queries open on this form: {}"),
        "savedPartly": _("Saved, except answers with an error: {}"),
        "offline": _("Not saved yet: connection lost, kept on this device. Trying again in {} s."),
        "offlineNow": _("Not saved yet: connection lost, kept on this device. Trying again…"),
        "signedOut": _("Not saved yet: your session has ended. Your answers are kept on this device."),
        "signIn": _("Sign in in a new tab"),
        "saveNow": _("Save now"),
        "discard": _("Discard"),
        "discardQuestion": _("Discard what was typed and not saved? This cannot be undone."),
        "restored": _("Answers that were typed here and not saved have been put back: {}."),
        "nothing": _("Nothing has changed since the last save."),
        "problemsOne": _("There is a problem with one answer"),
        "problems": _("There are problems with {} answers"),
        "kept": _("Nothing you typed is lost."),
        "elsewhere": _("{} changed this form in the meantime."),
        "show": _("Show the changes"),
        "theirChange": _("Saved by somebody else meanwhile: {}"),
        "emptied": _("(empty)"),
        "notDone": _("Not done: {}"),
        "yours": _("Yours"),
        "theirs": _("Theirs"),
        "refused": _("This was refused: {}"),
        "done": _("Done."),
        "uploading": _("Uploading {}…"),
        "remove": _("Remove"),
        "failed": _("This did not work: the connection was lost. Nothing was changed; try again."),
    }
