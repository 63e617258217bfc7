"""rwslib and rwscmd, as they are published, against a running server with the cast's study."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from lxml import etree
from rwslib import AuthorizationException, RWSConnection, RWSException
from rwslib.builders.clinicaldata import (
    ClinicalData,
    FormData,
    ItemData,
    ItemGroupData,
    StudyEventData,
    SubjectData,
)
from rwslib.builders.core import ODM
from rwslib.extras.audit_event.main import ODMAdapter
from rwslib.extras.rwscmd.rwscmd import rws
from rwslib.rws_requests import (
    BuildVersionRequest,
    CacheFlushRequest,
    ClinicalStudiesRequest,
    CodeNameRequest,
    DiagnosticsRequest,
    GlobalLibrariesRequest,
    MetadataStudiesRequest,
    PostDataRequest,
    PostMetadataRequest,
    StudyDatasetRequest,
    StudyDraftsRequest,
    StudySubjectsRequest,
    StudyVersionRequest,
    StudyVersionsRequest,
    SubjectDatasetRequest,
    TwoHundredRequest,
    VersionDatasetRequest,
    VersionRequest,
)
from rwslib.rws_requests.biostats_gateway import CommentDataRequest, CVMetaDataRequest, FormDataRequest
from rwslib.rws_requests.odm_adapter import (
    AuditRecordsRequest,
    SitesMetadataRequest,
    UsersRequest,
    VersionFoldersRequest,
)

from tests.cast import ALLOCATION, CONFIDENCE, OTHER_PARTICIPANT, PARTICIPANT, SITE, STUDY
from tests.serving import Site, shared_stage, site

pytestmark = [pytest.mark.database, pytest.mark.slow]
Connect = Any


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(shared_stage(), tmp_path_factory.mktemp("rws") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def connect(server: Site) -> Connect:
    def connection(handle: str) -> RWSConnection:
        return RWSConnection(server.url, handle, server.stage.tokens[handle])

    return connection


def values(odm: str) -> dict[str, str]:
    """Item OID -> value, of everything in an ODM text."""
    return {
        item.get("ItemOID", ""): item.get("Value", "") for item in etree.fromstring(odm.encode()).iter("{*}ItemData")
    }


def posted(subject: str, values: dict[str, str], insert: bool = False, event: str = "SE.BASELINE") -> bytes:
    group = ItemGroupData("IG.VS.VS_MAIN", transaction_type="Upsert")
    for oid, value in values.items():
        group << ItemData(oid, value)
    form = FormData("F.VS", transaction_type="Update")
    visit = StudyEventData(event, study_event_repeat_key="1")
    data = SubjectData(SITE, subject, transaction_type="Insert" if insert else "Update")
    clinical, document = ClinicalData(STUDY, "Prod", "1"), ODM("tests", fileoid="F1")
    for parent, child in ((form, group), (visit, form), (data, visit), (clinical, data), (document, clinical)):
        parent << child
    return str(document).encode()


def test_what_everybody_may_ask(server: Site) -> None:
    anybody = RWSConnection(server.url)
    assert anybody.send_request(VersionRequest()).count(".") == 2
    assert "Helmont" in anybody.send_request(BuildVersionRequest())
    assert anybody.send_request(CodeNameRequest()) == "Helmont"
    assert anybody.send_request(DiagnosticsRequest()) == "OK"
    assert anybody.send_request(TwoHundredRequest()) == "OK"


def test_a_name_and_its_own_token_are_needed(server: Site, connect: Connect) -> None:
    with pytest.raises(AuthorizationException):
        RWSConnection(server.url).send_request(ClinicalStudiesRequest())
    for handle, token in (("coordinator", "wrong"), ("nurse", server.stage.tokens["coordinator"]), ("", "")):
        with pytest.raises(RWSException, match="Incorrect login and password"):
            RWSConnection(server.url, auth=(handle, token)).send_request(ClinicalStudiesRequest())
    assert connect("coordinator").send_request(CacheFlushRequest()).istransactionsuccessful


def test_studies_and_versions(connect: Connect) -> None:
    client = connect("coordinator")
    [study] = [one for one in client.send_request(ClinicalStudiesRequest()) if one.studyname == STUDY]
    assert (study.oid, study.studyname, study.isProd()) == (f"{STUDY}(Prod)", STUDY, True)
    assert STUDY in [one.oid for one in client.send_request(MetadataStudiesRequest())]
    assert list(client.send_request(GlobalLibrariesRequest())) == []
    [version] = client.send_request(StudyVersionsRequest(STUDY))
    assert version.oid == "1"
    assert list(client.send_request(StudyDraftsRequest(STUDY))) == []
    metadata = etree.fromstring(client.send_request(StudyVersionRequest(STUDY, 1)).encode())
    assert {item.get("OID") for item in metadata.iter("{*}ItemDef")} >= {"IT.VS.SYSBP", "IT.AE.AETERM"}
    assert client.send_request(CVMetaDataRequest(STUDY, "Prod")).startswith("<ODM")
    for request in (StudyVersionRequest(STUDY, 99), StudyVersionsRequest("NOWHERE"), StudyVersionsRequest("x" * 90)):
        with pytest.raises(RWSException, match="not yours to see"):
            client.send_request(request)


def test_subjects(connect: Connect, server: Site) -> None:
    [one] = connect("coordinator").send_request(StudySubjectsRequest(STUDY, "Prod", status=True, links=True))
    assert (one.subject_name, one.locationoid, one.touched, one.requiresanswerquery) == (PARTICIPANT, SITE, True, True)
    assert one.links == [f"{server.url}/studies/{STUDY}/participants/{PARTICIPANT}/"]
    both = connect("monitor").send_request(StudySubjectsRequest(STUDY, "Prod", subject_key_type="SubjectUUID"))
    assert [one.subject_name for one in both] == [PARTICIPANT, OTHER_PARTICIPANT]
    assert len({one.subjectkey for one in both} - {PARTICIPANT}) == 2
    with pytest.raises(RWSException, match="not yours to see"):
        connect("monitor").send_request(StudySubjectsRequest(STUDY, "Dev"))


def test_datasets_by_study_version_subject_and_form(connect: Connect) -> None:
    client = connect("coordinator")
    every = values(client.send_request(StudyDatasetRequest(STUDY, "Prod")))
    assert (every["IT.VS.SYSBP"], every["IT.AE.AETERM"]) == ("80", "Headache")
    assert set(values(client.send_request(StudyDatasetRequest(STUDY, "Prod", formoid="AE")))) == {
        "IT.AE.AETERM",
        "IT.AE.AESER",
    }
    assert values(client.send_request(VersionDatasetRequest(STUDY, "Prod", 1))) == every
    assert (
        values(client.send_request(SubjectDatasetRequest(STUDY, "Prod", PARTICIPANT, formoid="VS")))["IT.VS.DIABP"]
        == "85"
    )
    assert values(client.send_request(StudyDatasetRequest(STUDY, "Prod", start="2100-01-01"))) == {}
    assert values(client.send_request(StudyDatasetRequest(STUDY, "Prod", start="2020-01-01T00:00:00"))) == every
    with pytest.raises(RWSException, match="not yours to see"):
        client.send_request(SubjectDatasetRequest(STUDY, "Prod", OTHER_PARTICIPANT))
    table = list(csv.DictReader(io.StringIO(client.send_request(FormDataRequest(STUDY, "Prod", "regular", "VS")))))
    assert [(row["Subject"], row["Folder"], row["SYSBP"]) for row in table] == [(PARTICIPANT, "BASELINE", "80")]
    assert "Seen" in connect("pharmacist").send_request(CommentDataRequest(STUDY, "Prod"))


@pytest.mark.parametrize("handle", ["coordinator", "monitor", "sponsor", "statistician", "data.manager"])
def test_nothing_hidden_reaches_the_blinded(connect: Connect, handle: str) -> None:
    client = connect(handle)
    texts = [client.send_request(StudyDatasetRequest(STUDY, "Prod"))]
    texts.append(client.send_request(FormDataRequest(STUDY, "Prod", "regular", "RAND")))
    texts.append(client.send_request(CommentDataRequest(STUDY, "Prod")))
    if handle != "sponsor":
        texts.append(client.send_request(AuditRecordsRequest(STUDY, "Prod", per_page=1000)))
    assert ALLOCATION not in "".join(texts)
    if handle not in ("coordinator", "monitor"):
        assert CONFIDENCE not in "".join(texts)


class Collector:
    """Keeps what the parser of rwslib makes of audit records."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def default(self, context: Any) -> None:
        self.seen.append(context)


def test_audit_records_page_by_page(connect: Connect) -> None:
    whole, paged = Collector(), Collector()
    ODMAdapter(connect("monitor"), STUDY, "Prod", whole).run(start_id=1, per_page=1000)
    ODMAdapter(connect("monitor"), STUDY, "Prod", paged).run(start_id=1, per_page=3)
    numbers = [context.audit_record.source_id for context in whole.seen]
    assert numbers == [context.audit_record.source_id for context in paged.seen] == sorted(set(numbers))
    assert len(numbers) > 9
    found = {(c.subcategory, c.item.oid if c.item else "", c.item.value if c.item else "") for c in whole.seen}
    assert ("Entered", "IT.VS.SYSBP", "80") in found
    assert {name for name, *_ in found} >= {"SubjectCreated", "Entered", "QueryOpen"}
    entered = next(c for c in whole.seen if c.item and c.item.oid == "IT.VS.SYSBP")
    assert (entered.audit_record.user_oid, entered.subject.key, entered.form.oid) == (
        "coordinator",
        PARTICIPANT,
        "F.VS",
    )


def test_sites_people_and_folders(connect: Connect) -> None:
    client = connect("monitor")
    assert client.send_request(SitesMetadataRequest(STUDY, "Prod")).count("<Location ") == 2
    assert client.send_request(SitesMetadataRequest()).count("<Location ") == 3, "one is of the study on paper"
    assert 'OID="coordinator"' in client.send_request(UsersRequest(STUDY, "Prod", location_oid=SITE))
    assert 'OID="SE.WEEK_2"' in client.send_request(VersionFoldersRequest(STUDY, "Prod"))
    with pytest.raises(RWSException, match="may not see who works"):
        connect("sponsor").send_request(UsersRequest(STUDY, "Prod"))


def test_data_are_posted(connect: Connect) -> None:
    client = connect("coordinator")
    answer = client.send_request(PostDataRequest(posted("701-009", {"SYSBP": "121", "DIABP": "82"}, insert=True)))
    assert (answer.istransactionsuccessful, answer.subjects_touched, answer.fields_touched) == (True, 1, 2)
    client.send_request(PostDataRequest(posted("701-009", {"IT.VS.SYSBP": "125", "VSDTC": "12 JAN 2026"})))
    found = values(client.send_request(SubjectDatasetRequest(STUDY, "Prod", "701-009")))
    assert (found["IT.VS.SYSBP"], found["IT.VS.DIABP"], found["IT.VS.VSDTC"]) == ("125", "82", "2026-01-12")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (posted(PARTICIPANT, {"SYSBP": "120"}, insert=True), "Subject already exists"),
        (posted("701-404", {"SYSBP": "120"}), "there is no subject"),
        (posted(PARTICIPANT, {"SYSBP": "9000"}), "SYSBP"),
        (posted(PARTICIPANT, {"NOTHING": "1"}), "not yours to see"),
        (posted(PARTICIPANT, {"SYSBP": "1"}, event="SE.NOWHERE"), "not yours to see"),
        (posted(OTHER_PARTICIPANT, {"SYSBP": "120"}), "not yours to see"),
        (b"<ODM", "not XML"),
        (b"\xff\xfe", "not UTF-8"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><ODM>&a;</ODM>', "document type"),
        (b"<html/>", "not ODM"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(connect: Connect, body: bytes, reason: str) -> None:
    client = connect("coordinator")
    before = client.send_request(AuditRecordsRequest(STUDY, "Prod", per_page=1000)).count("<SourceID>")
    with pytest.raises(RWSException, match=reason) as refusal:
        client.send_request(PostDataRequest(body))
    assert not refusal.value.rws_error.istransactionsuccessful
    assert client.send_request(AuditRecordsRequest(STUDY, "Prod", per_page=1000)).count("<SourceID>") == before


def test_who_may_not_enter_posts_nothing(connect: Connect) -> None:
    with pytest.raises(RWSException, match=r"form\.enter"):
        connect("monitor").send_request(PostDataRequest(posted(PARTICIPANT, {"SYSBP": "120"})))
    with pytest.raises(RWSException, match="study packages"):
        connect("study.manager").send_request(PostMetadataRequest(STUDY, "<ODM/>"))


def test_an_address_that_is_not_there(server: Site) -> None:
    token = ("coordinator", server.stage.tokens["coordinator"])
    for path in ("nothing", "datasets/None.odm", "studies/%00/subjects", "studies//datasets/regular"):
        assert requests.get(f"{server.url}/RaveWebServices/{path}", auth=token, timeout=60).status_code in (400, 404)


def run(server: Site, *arguments: str) -> str:
    """rwscmd on the command line, as the coordinator."""
    login = ["-u", "coordinator", "-p", server.stage.tokens["coordinator"]]
    done = CliRunner().invoke(rws, [*login, *arguments[0].split(), server.url, *arguments[1:]], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_rwscmd_lists(server: Site) -> None:
    assert f"{STUDY}(Prod)" in run(server, "--list", "data")
    assert PARTICIPANT in run(server, "--list", "data", STUDY, "Prod")
    assert run(server, "--list", "metadata", STUDY).split() == ["1"]
    assert "IT.VS.SYSBP" in run(server, "--list", "metadata", STUDY, "1")
    assert "rave" not in run(server, "--list", "version").lower()


def test_rwscmd_fills_a_casebook(server: Site, connect: Connect, tmp_path: Any) -> None:
    client = connect("coordinator")
    client.send_request(PostDataRequest(posted("701-010", {"SYSBP": "119"}, insert=True)))
    fixed = tmp_path / "fixed.csv"
    fixed.write_text("IT.VS.DIABP,79")
    told = run(server, "--raw -v", "autofill", "--steps", "3", "--fixed", str(fixed), STUDY, "Prod", "701-010")
    assert 'IsTransactionSuccessful="1"' in told
    found = values(client.send_request(SubjectDatasetRequest(STUDY, "Prod", "701-010")))
    assert (found["IT.VS.SYSBP"], found["IT.VS.DIABP"]) == ("119", "79")
    assert found["IT.VS.VSDTC"]
    assert "No data" in told.splitlines()[-1]


def test_the_ledger_holds(server: Site) -> None:
    assert server.server.home.verify()["clean"]
