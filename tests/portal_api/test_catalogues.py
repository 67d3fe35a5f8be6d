"""What solutions can be made of, over the API: step kinds with their forms, personal data, languages, storage."""

from pathlib import Path

import pytest

from connectors.secrets import decrypt
from domain.organizations.roles import Role
from domain.printing.service import hold_document
from domain.runs.service import get_run
from domain.storage_accounts.models import LinkedAccount
from domain.tenancy import system_session
from tests.portal_api.conftest import Api, simple_solution
from tests.support.installation import Installation

SETTINGS = "/organization/solution-settings"


def test_step_kinds_carry_all_that_a_form_needs(api: Api) -> None:
    kinds = {kind["name"]: kind for kind in api.get("/step-kinds").json()}
    assert set(kinds) >= {"ocr", "translate", "redact", "footer", "email", "download", "print_queue", "cloud_storage"}
    assert (kinds["ocr"]["service"], kinds["ocr"]["role"], kinds["ocr"]["step_class"]) == ("OCR", "OCR User", "action")
    assert kinds["download"]["surfaces"] == ["portal"]
    assert kinds["print_document"]["surfaces"] == ["printer"]
    assert kinds["footer"]["parameters"]["properties"]["text"]["maxLength"] == 512
    assert kinds["translate"]["parameters"]["properties"]["target_languages"]["widget"] == "languages"


def test_step_kinds_speak_the_readers_language(api: Api) -> None:
    english, swedish = (
        api.get("/step-kinds/footer", headers={"Accept-Language": language}).json() for language in ("en", "sv")
    )
    assert (english["title"], swedish["title"]) == ("Insert footer", "Infoga sidfot")
    field = swedish["parameters"]["properties"]["text"]
    assert (field["title"], field["maxLength"]) == ("Sidfotstext", 512)
    assert "{pages}" in field["description"]


def test_an_unknown_step_kind_is_told_with_the_known_ones(api: Api) -> None:
    answer = api.get("/step-kinds/fold")
    assert (answer.status_code, answer.json()["code"]) == (422, "step.unknown")
    assert "footer" in answer.json()["remedy"]


def test_the_catalogue_of_personal_data_is_whole(api: Api) -> None:
    """SC-150."""
    entries = api.get("/pii-entities", headers={"Accept-Language": "sv"}).json()
    assert len(entries) == 111
    assert (entries[0]["country"], entries[0]["country_name"]) == ("GENERAL", "Allmänt")
    swiss = next(entry for entry in entries if entry["country"] == "CH")
    assert swiss["country_name"] == "Schweiz"
    assert all(entry["available"] or entry["reason"] for entry in entries)


def test_languages_for_redaction_tell_what_they_can_find(api: Api) -> None:
    found = {row["code"]: row for row in api.get("/redaction-languages").json()}
    assert "PERSON" in found["en"]["entities"]


def test_translation_languages_tell_what_is_installed(api: Api) -> None:
    rows = api.get("/translation-languages", headers={"Accept-Language": "sv"}).json()
    assert next(row["name"] for row in rows if row["code"] == "de") == "tyska"
    english = api.get("/translation-languages", params={"source": "en"}).json()
    assert len(english) == len(rows) - 1
    assert {row["available"] for row in rows} <= {True, False}
    answer = api.get("/translation-languages", params={"source": "tlh"})
    assert (answer.status_code, answer.json()["code"]) == (422, "translate.language_unknown")


def test_administrators_choose_storage_providers_and_domains(api: Api, installation: Installation) -> None:
    given = {"storage_providers": ["folder", "webdav"], "account_domains": [" Example.COM "]}
    answer = api.put(SETTINGS, json=given)
    assert answer.json() == {"storage_providers": ["folder", "webdav"], "account_domains": ["example.com"]}
    assert api.get(SETTINGS).json() == answer.json()
    providers = {row["name"]: row for row in api.get("/storage-providers").json()}
    assert (providers["webdav"]["enabled"], providers["webdav"]["linkable"]) == (True, True)
    assert (providers["folder"]["enabled"], providers["folder"]["linkable"]) == (True, False)
    assert providers["dropbox"]["enabled"] is False
    user = Api(api._client, installation.add_person("user@example.com", Role.SOLUTIONS_USER))
    assert user.put(SETTINGS, json=given).json()["code"] == "role.missing"


@pytest.mark.parametrize(
    "given",
    [
        {"storage_providers": ["ftp"]},
        {"storage_providers": [], "account_domains": ["a b"]},
        {"storage_providers": [], "account_domains": ["someone@example.com"]},
        {},
    ],
)
def test_settings_that_make_no_sense_are_refused(api: Api, given: dict[str, object]) -> None:
    assert api.put(SETTINGS, json=given).json()["code"] == "request.invalid"


def test_an_account_is_linked_told_without_its_secrets_and_forgotten(api: Api) -> None:
    api.put(SETTINGS, json={"storage_providers": ["folder", "webdav"], "account_domains": ["example.com"]})
    account = {
        "account": "ann@example.com",
        "options": {"address": "https://dav.example.com", "user": "ann"},
        "secrets": {"password": "very secret"},
    }
    assert api.put("/storage-accounts/webdav", json=account).status_code == 204
    listed = api.get("/storage-accounts")
    assert listed.json() == [{"family": "webdav", "account": "ann@example.com", "expired": False}]
    assert "very secret" not in listed.text
    with system_session(read_only=True) as session:
        (kept,) = session.query(LinkedAccount).all()
    assert "very secret" not in kept.secrets
    assert decrypt(kept.secrets) == {"password": "very secret"}
    assert api.delete("/storage-accounts/webdav").status_code == 204
    assert api.get("/storage-accounts").json() == []


@pytest.mark.parametrize(
    ("provider", "given", "code"),
    [
        ("dropbox", {"account": "ann@example.com"}, "storage.provider_disabled"),
        ("webdav", {"account": "ann@evil.example"}, "storage.domain_refused"),
        ("webdav", {"account": "ann@example.com", "options": {"api_url": "http://x"}}, "storage.unknown_setting"),
        ("webdav", {"account": "ann@example.com", "secrets": {"x": "y"}}, "storage.unknown_setting"),
        ("folder", {"account": "x", "options": {"root": "../other"}}, "storage.not_linkable"),
        ("ftp", {"account": "x"}, "storage.unknown_provider"),
        ("webdav", {"account": ""}, "request.invalid"),
    ],
)
def test_accounts_that_may_not_be_linked_are_refused(
    api: Api, provider: str, given: dict[str, object], code: str
) -> None:
    api.put(SETTINGS, json={"storage_providers": ["folder", "webdav"], "account_domains": ["example.com"]})
    assert api.put(f"/storage-accounts/{provider}", json=given).json()["code"] == code


def test_held_print_jobs_are_listed_for_their_owner_only(
    api: Api, foreign: Api, installation: Installation, letter: Path
) -> None:
    solution = api.post("/solutions", json=simple_solution("For the queue")).json()["id"]
    files = {"file": ("letter.docx", letter.read_bytes())}
    run = api.post(f"/solutions/{solution}/runs", files=files).json()
    document = get_run(installation.administrator, run["id"]).run.original
    job = hold_document(installation.administrator, document, "a-key")
    assert [(row["id"], row["name"]) for row in api.get("/print-jobs").json()["items"]] == [(job, "letter.docx")]
    assert foreign.get("/print-jobs").json()["items"] == []
