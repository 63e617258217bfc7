"""``/designs/``: choose designs, edit what might be true, see at once what they decide and do. It holds no data of a trial."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from helmont.web.access import actor

# What designs are made with is loaded when somebody asks for one: a server that nobody asks starts sooner without it.


@require_safe
def workbench(request: HttpRequest) -> HttpResponse:
    """The page; every setting is in its address, so that it can be sent to somebody."""
    from helmont.web.designs.asking import asked, kinds, numbers, truths
    from helmont.web.designs.showing import averages, shown

    actor(request)
    found = asked(request.GET)
    ready = not found.faults
    context = {
        "asked": found,
        "kinds": kinds(found),
        "numbers": numbers(found),
        "truths": truths(found),
        "errors": [{"url": f"#{name}", "text": text} for name, text in found.faults.items()],
        "designs": shown(found) if ready else [],
        "averages": averages(found) if ready else [],
        "address": request.GET.urlencode(),
    }
    return render(request, "web/designs/workbench.html", context)


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """The designs with their digests, tables and characteristics as JSON; 422 for settings that no design can have."""
    from helmont.web.designs.asking import asked
    from helmont.web.designs.showing import averages

    actor(request)
    found = asked(request.GET)
    if found.faults:
        return JsonResponse({"faults": found.faults}, status=422)
    rows = averages(found)
    content = [
        {
            "settings": design.to_dict(),
            "digest": design.digest,
            "decision_table": design.decision_table().to_dict(),
            "exact": [None if (one := row[place].found) is None else one.to_dict() for _truth, row in rows],
        }
        for place, design in enumerate(found.designs.values())
    ]
    response = JsonResponse({"designs": content}, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="designs.json"'
    return response
