"""What a REDCap client may ask for and this installation does not have; each says what stands in its place."""

from __future__ import annotations

from django.http import HttpResponse

from helmont.api.redcap.call import BadRequest, Call, handles

SURVEYS = "There are no surveys here: data are entered by people with an account."
NOT_HERE = {
    ("surveyLink", ""): SURVEYS,
    ("surveyQueueLink", ""): SURVEYS,
    ("surveyAccessCode", ""): SURVEYS,
    ("surveyReturnCode", ""): SURVEYS,
    ("participantList", ""): SURVEYS,
    (
        "userRole",
        "import",
    ): "Roles are fixed here, see content=userRole; assign one of them with content=userRoleMapping.",
    ("userRole", "delete"): "Roles are fixed here and cannot be removed.",
    ("dag", "switch"): "Everybody works at the sites they are assigned to; there is no switching between them.",
    ("record", "rename"): "A participant's number is never changed.",
    ("record", "randomize"): "Participants are not randomised over this API.",
    ("project_xml", ""): "Export the study as ODM instead.",
    ("fileInfo", ""): "Read files with content=file.",
}


def _refuse(place: tuple[str, str], message: str) -> None:
    def handler(call: Call) -> HttpResponse:  # noqa: ARG001 - the shape of a handler
        raise BadRequest(message)

    handles(*place)(handler)


for place, text in NOT_HERE.items():
    _refuse(place, text)
