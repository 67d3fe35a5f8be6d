"""Linked accounts: one per family, encrypted, limited to enabled providers and account domains (SC-130…SC-132)."""

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from domain.organizations.actor import Actor
from domain.storage_accounts.models import LinkedAccount
from domain.storage_accounts.service import (
    forget_account,
    link_account,
    list_accounts,
    set_storage_settings,
    storage_account,
)

TOKENS = {"client_id": "c", "refresh_token": "r-secret"}


@pytest.fixture
def ann(administrator: Actor) -> Actor:
    set_storage_settings(administrator, ["onedrive", "sharepoint", "folder"], ["Example.com"])
    return administrator


def code(error: pytest.ExceptionInfo[PressroomError]) -> str:
    return error.value.code


def test_one_account_serves_its_family(ann: Actor) -> None:
    link_account(ann, "onedrive", "ann@example.com", {}, TOKENS)
    assert storage_account(ann, "sharepoint").secrets == TOKENS
    link_account(ann, "sharepoint", "ann2@example.com", {}, TOKENS)
    assert [(view.family, view.account) for view in list_accounts(ann)] == [("microsoft", "ann2@example.com")]


def test_secrets_are_kept_encrypted_and_refreshed_ones_too(ann: Actor) -> None:
    link_account(ann, "onedrive", "ann@example.com", {}, TOKENS)
    storage_account(ann, "onedrive").save_secrets({"refresh_token": "newer"})
    with ann.session() as session:
        kept = session.scalars(select(LinkedAccount)).one().secrets
    assert "secret" not in kept
    assert "newer" not in kept
    assert storage_account(ann, "onedrive").secrets == {"refresh_token": "newer"}


def test_forgotten_account_is_signed_out(ann: Actor, stranger: Actor) -> None:
    link_account(ann, "onedrive", "ann@example.com", {}, TOKENS)
    forget_account(ann, "sharepoint")
    with pytest.raises(PressroomError) as error:
        storage_account(ann, "onedrive")
    assert code(error) == "storage.signed_out"


def test_disabled_provider_and_foreign_domain_are_refused(ann: Actor, stranger: Actor) -> None:
    for attempt in (lambda: storage_account(ann, "box"), lambda: link_account(ann, "box", "x", {}, {})):
        with pytest.raises(PressroomError) as error:
            attempt()
        assert code(error) == "storage.provider_disabled"
    with pytest.raises(PressroomError) as error:
        link_account(ann, "onedrive", "ann@sub.example.com", {}, TOKENS)
    assert code(error) == "storage.domain_refused"


def test_installation_folder_needs_no_account_and_is_the_organizations_own(ann: Actor, stranger: Actor) -> None:
    roots = {storage_account(actor, "folder").options["root"] for actor in (ann, stranger)}
    assert roots == {ann.organization_id, stranger.organization_id}
