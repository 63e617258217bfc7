"""Uploading an answer that is a file, and fetching it again."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from helmont.core.errors import Fault, Invalid, NotFound, NotPermitted, Refused
from helmont.double_entry.queries.turns import turn_of
from helmont.edc.actions.files import store, stored
from helmont.edc.items import base_item
from helmont.edc.keys import split_form_key
from helmont.edc.queries.forms import FormView, form_view
from helmont.participants.queries import scope_of
from helmont.web.access import actor, today


@require_POST
def upload(request: HttpRequest, study: str) -> HttpResponse:
    """``form`` (key), ``item`` (key) and ``file`` to the value to save for the item; errors as JSON."""
    try:
        view = _form(request, study, request.POST.get("form", ""))
        if not actor(request).may("form.enter", scope_of(view.participant), today(request)):
            raise NotPermitted(_("You may not enter data here."))
        item = request.POST.get("item", "")
        if item not in view.definition.item_keys() or base_item(item) in view.hidden:
            raise Invalid([Fault("item", _("This form has no item “%s”.") % item[:60], "")])
        rule, given = view.definition.item(item).file, request.FILES.get("file")
        if rule is None or given is None:
            raise Invalid([Fault("file", _("There is no file here, or the item takes none."), "")])
        return JsonResponse(store(given, rule))
    except Refused as refusal:
        return JsonResponse({"error": refusal.to_dict()}, status=refusal.status)


@require_GET
@never_cache
def download(request: HttpRequest, study: str, digest: str) -> HttpResponse | FileResponse:
    """A file that an item of a form holds; ``form`` and ``item`` say where, so that their permissions decide."""
    view = _form(request, study, request.GET.get("form", ""))
    value = view.data.get(request.GET.get("item", ""))
    if not isinstance(value, dict) or value.get("file") != digest:
        raise NotFound("file")
    path = stored(digest)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=str(value["name"]), content_type=str(value["type"])
    )


def _form(request: HttpRequest, study: str, key: str) -> FormView:
    try:
        named, number, encounter, form, line = split_form_key(key)
    except ValueError:
        raise NotFound(key) from None
    if named != study:
        raise NotFound(key)
    view = form_view(actor(request), study, number, encounter, form, line, today(request))
    turn = turn_of(actor(request), view, today(request))
    return turn.view(view) if turn is not None else view
