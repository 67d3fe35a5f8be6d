"""The step “Send to cloud storage”: limits, one delivery whatever happens, and the faults of SC-E20…SC-E25."""

from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from connectors.documents.document import Document
from connectors.errors import PressroomError
from connectors.settings import Settings
from connectors.storage import PROVIDERS, faults
from steps.cloud_storage import KIND, NO_SITE, CloudStorageStep, send_to_cloud_storage
from steps.contract import CANCELLED, DELIVERY_UNCERTAIN, DeliveryState, StorageAccount
from steps.local_context import LocalContext
from steps.samples import letter_pdf
from tests.support.fake_cloud import FakeCloud, Interruption
from tests.support.fake_dropbox import FakeDropbox
from tests.support.fake_google_drive import SHARED_DRIVE, FakeGoogleDrive
from tests.support.fake_graph import SITE, FakeGraph


@pytest.fixture
def context(tmp_path: Path) -> LocalContext:
    """With one account, at the installation's folder."""
    settings = Settings(_env_file=None, storage_folder=tmp_path / "storage")
    context = LocalContext(tmp_path, settings)
    context.accounts["folder"] = StorageAccount("folder", "ann@example.com", {"root": "org-1"}, {}, lambda _: None)
    return context


@pytest.fixture
def document(context: LocalContext, tmp_path: Path) -> Document:
    return context.take_in(letter_pdf(tmp_path), "application/pdf", "Letter.pdf")


def with_cloud(
    context: LocalContext, provider: str, cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Link an account at the fake and let all connections lead there; what the account keeps is returned."""
    saved: dict[str, str] = {}
    secrets = {"access_token": cloud.token, "refresh_token": cloud.refresh_token}
    context.accounts[provider] = StorageAccount(provider, "a@x.org", {"client_id": "client"}, secrets, saved.update)
    monkeypatch.setattr(
        "connectors.storage.network.web_client", lambda *_args, **_options: httpx.Client(transport=cloud)
    )
    return saved


def stored(context: LocalContext) -> list[str]:
    base = context.folder / "storage"
    return sorted(path.relative_to(base).as_posix() for path in base.rglob("*") if path.is_file())


def only_delivery_state(context: LocalContext) -> DeliveryState:
    (delivery,) = context.deliveries.values()
    return delivery.state


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"provider": "ftp"}, "Input should be 'onedrive'"),
        ({"path": "x" * 256}, "255 characters"),
        ({"path": "/".join(["x" * 200] * 3)}, "400"),
        ({"path": "a/../../etc"}, "not a folder path"),
        ({"path": "a\0b"}, "not a folder path"),
        ({"drive_name": "x" * 256}, "255 characters"),
        ({"site_name": "x" * 256}, "255 characters"),
        ({"folder": "a"}, "Extra inputs"),
    ],
)
def test_limits_hold_when_a_solution_is_saved(fields: dict[str, str], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        CloudStorageStep.model_validate(fields)


@pytest.mark.parametrize(
    ("path", "kept"),
    [("", ""), ("/", ""), (" /Scans//2026/ ", "Scans/2026"), ("a\\b", "a/b"), ("x" * 255, "x" * 255)],
)
def test_paths_are_kept_in_one_spelling(path: str, kept: str) -> None:
    assert CloudStorageStep(path=path).path == kept


def test_sharepoint_needs_a_site(context: LocalContext, document: Document) -> None:
    with pytest.raises(PressroomError) as caught:
        send_to_cloud_storage(document, CloudStorageStep(provider="sharepoint"), context)
    assert caught.value.fault is NO_SITE
    assert CloudStorageStep(provider="sharepoint", site_name="Sales").unready() is None
    others = (CloudStorageStep.model_validate({"provider": name}) for name in PROVIDERS if name != "sharepoint")
    assert all(step.unready() is None for step in others)


def test_the_example_arrives_and_is_returned_unchanged(context: LocalContext, document: Document) -> None:
    result = send_to_cloud_storage(document, KIND.example.parameters, context)
    assert result.documents == (document,)
    assert stored(context) == ["org-1/Pressroom/Example/Letter.pdf"]
    assert (context.folder / "storage" / stored(context)[0]).read_bytes() == context.fetch(document).read_bytes()
    (delivery,) = context.deliveries.values()
    assert (delivery.state, delivery.receipt) == (DeliveryState.DELIVERED, "Pressroom/Example/Letter.pdf")
    assert context.steps_shown[-1] == (document.size, document.size)
    assert "Letter.pdf" in str(result.report.summary)


def test_repeating_a_delivered_step_asks_nobody(context: LocalContext, document: Document) -> None:
    step = KIND.example.parameters
    send_to_cloud_storage(document, step, context)
    context.accounts.clear()
    assert send_to_cloud_storage(document, step, context).documents == (document,)
    assert len(stored(context)) == 1


def test_a_worker_lost_after_handing_over_does_not_double(context: LocalContext, document: Document) -> None:
    step = KIND.example.parameters
    send_to_cloud_storage(document, step, context)
    (delivery,) = context.deliveries.values()
    delivery.state = DeliveryState.COMMITTING
    send_to_cloud_storage(document, step, context)
    assert len(stored(context)) == 1
    assert only_delivery_state(context) is DeliveryState.DELIVERED


def test_another_document_of_that_name_is_kept_beside(
    context: LocalContext, document: Document, tmp_path: Path
) -> None:
    send_to_cloud_storage(document, KIND.example.parameters, context)
    other = tmp_path / "other"
    other.write_bytes(b"%PDF-other")
    again = context.take_in(other, "application/pdf", "Letter.pdf")
    send_to_cloud_storage(again, KIND.example.parameters, context)
    assert stored(context) == ["org-1/Pressroom/Example/Letter.pdf", "org-1/Pressroom/Example/Letter_1.pdf"]


def test_names_are_made_safe(context: LocalContext, tmp_path: Path) -> None:
    path = tmp_path / "content"
    path.write_bytes(b"text")
    document = Document.model_copy(context.take_in(path, "text/plain", "a.txt"), update={"name": "../../e:vil?.txt"})
    send_to_cloud_storage(document, CloudStorageStep(provider="folder"), context)
    assert stored(context) == ["org-1/e_vil_.txt"]


def test_cancelling_before_the_upload_delivers_nothing(context: LocalContext, document: Document) -> None:
    context.cancel_after = 0
    with pytest.raises(PressroomError) as caught:
        send_to_cloud_storage(document, KIND.example.parameters, context)
    assert caught.value.fault is CANCELLED
    assert stored(context) == []
    assert only_delivery_state(context) is DeliveryState.PREPARED


def test_each_provider_gets_the_fields_that_mean_something_to_it(
    context: LocalContext, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = FakeGraph(f"/sites/{SITE['id']}/drive")
    with_cloud(context, "sharepoint", graph, monkeypatch)
    step = CloudStorageStep(provider="sharepoint", site_name="Sales Team", path="In/2026", drive_name="ignored")
    send_to_cloud_storage(document, step, context)
    assert list(graph.files()) == ["In/2026/Letter.pdf"]
    google = FakeGoogleDrive()
    with_cloud(context, "google_drive", google, monkeypatch)
    send_to_cloud_storage(document, CloudStorageStep(provider="google_drive", drive_name="Shared 'Scans'"), context)
    assert [node.parent for node in google.nodes.values()] == [SHARED_DRIVE]


def test_a_lost_answer_is_tried_again_and_found(
    context: LocalContext, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = FakeDropbox()
    with_cloud(context, "dropbox", cloud, monkeypatch)
    cloud.interruptions = [Interruption("files/upload", "after")]
    step = CloudStorageStep(provider="dropbox", path="Scans")
    with pytest.raises(PressroomError) as caught:
        send_to_cloud_storage(document, step, context)
    assert caught.value.transient
    assert only_delivery_state(context) is DeliveryState.COMMITTING
    send_to_cloud_storage(document, step, context)
    assert list(cloud.files()) == ["Scans/Letter.pdf"]
    assert only_delivery_state(context) is DeliveryState.DELIVERED


def test_a_certain_refusal_may_be_repeated(
    context: LocalContext, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = FakeDropbox()
    with_cloud(context, "dropbox", cloud, monkeypatch)
    cloud.capacity = 10
    step = CloudStorageStep(provider="dropbox")
    with pytest.raises(PressroomError) as caught:
        send_to_cloud_storage(document, step, context)
    assert caught.value.fault is faults.STORAGE_FULL
    assert only_delivery_state(context) is DeliveryState.PREPARED


def test_refreshed_tokens_are_kept_and_a_revoked_account_is_said(
    context: LocalContext, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = FakeGraph()
    saved = with_cloud(context, "onedrive", cloud, monkeypatch)
    cloud.expire_token()
    send_to_cloud_storage(document, CloudStorageStep(provider="onedrive"), context)
    assert saved["access_token"] == cloud.token
    cloud.expire_token()
    cloud.revoked = True
    with pytest.raises(PressroomError) as caught:
        send_to_cloud_storage(document, CloudStorageStep(provider="onedrive", path="b"), context)
    assert caught.value.fault.spec == "SC-E20"


def test_where_the_receiver_cannot_be_asked_it_is_uncertain(
    context: LocalContext, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.storage.folder import FolderStorage

    send_to_cloud_storage(document, KIND.example.parameters, context)
    (delivery,) = context.deliveries.values()
    delivery.state = DeliveryState.COMMITTING
    monkeypatch.setattr(FolderStorage, "repeatable", False)
    with pytest.raises(PressroomError) as caught:
        send_to_cloud_storage(document, KIND.example.parameters, context)
    assert caught.value.fault is DELIVERY_UNCERTAIN


def test_every_provider_can_be_chosen() -> None:
    assert tuple(CloudStorageStep.model_json_schema()["properties"]["provider"]["enum"]) == tuple(PROVIDERS)


def test_every_field_says_what_it_is_for() -> None:
    assert all(field.title and field.description for field in CloudStorageStep.model_fields.values())
