"""What a configuration may hold, rule by rule; the settings catalogue is that of the printers."""

from typing import Any

import pytest

from connectors.printers.files import FileKind
from fleet.configurations.app_rules import conflicts
from fleet.configurations.content import ConfigurationContent
from fleet.configurations.login_methods import LocalGroup, LoginMethods
from fleet.configurations.rules import Variables, advice, problems
from fleet.configurations.settings_catalogue import find_settings, settings_catalogue
from fleet.resources.models import Resource
from printers_sim.device.catalogue import catalogue
from printers_sim.profile import profiles
from tests.support.configurations import content_of


def resource(name: str, kind: FileKind, /, **facts: Any) -> Resource:
    return Resource(id=name, name=name, kind=kind, facts=facts)


def app(app_id: str, **settings: Any) -> Resource:
    return resource(app_id, FileKind.APP, id=app_id, name=app_id.title(), version="1.0", settings=settings)


LIBRARY = {
    one.id: one
    for one in (
        app("scan", auth_plugin=True, retries=3),
        app("print-release", auth_plugin=True),
        app("card-authentication"),
        app("cloud-authentication"),
        resource("scan-again", FileKind.APP, id="scan", name="Scan", version="2.0", settings={}),
        resource("new", FileKind.FIRMWARE, level="081.223", models=["PX C4150"]),
        resource("other", FileKind.FIRMWARE, level="081.215", models=["PX C4150", "PX M2250"]),
        resource("hall", FileKind.SETTINGS_FILE, settings=3),
    )
}
ACCOUNT = {"type": "user_password", "name": "kim", "secret": "secret word", "groups": []}


def found(content: ConfigurationContent, columns: list[str] | None = None) -> list[str]:
    return [str(one) for one in problems(content, LIBRARY, Variables(columns))]


def setting(name: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"settings": [{"name": name, "value": value, **more}]}


GOOD: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a value in its range": setting("fax.rings", 25),
    "a choice": setting("print.sides", "two-sided"),
    "a switch": setting("network.ftp_enabled", True),
    "an address": setting("network.dns1", "fe80::1"),
    "an empty text": setting("general.location", ""),
    "a secret": setting("wireless.key", secret="a long key"),
    "a column": setting("general.asset_tag", variable="site TAG"),
    "a column and a value for the others": setting("general.asset_tag", "none", variable="Site tag"),
    "an app with settings": {"apps": [{"resource_id": "scan", "settings": {"retries": 5, "auth_plugin": False}}]},
    "firmware": {"firmware": {"recommended": True, "resource_ids": ["new"]}},
    "a settings file": {"settings_files": ["hall"]},
    "login methods": {"login_methods": {"public": {"copy": False}, "accounts": [ACCOUNT]}},
}


@pytest.mark.parametrize("case", GOOD)
def test_what_may_be_saved(case: str) -> None:
    assert found(content_of(**GOOD[case]), ["Site tag"]) == []


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a setting that does not exist": (setting("fax.colour", 1), "There is no setting"),
    "a number out of its range": (setting("fax.rings", 26), "It has to be from 1 to 25."),
    "a text for a number": (setting("fax.rings", "3"), "It has to be a whole number."),
    "a switch for a number": (setting("fax.rings", True), "It has to be a whole number."),
    "a number for a switch": (setting("network.ftp_enabled", 1), "It is either on or off"),
    "no choice of those": (setting("print.sides", "three-sided"), "It has to be one of: one-sided, two-sided."),
    "no address": (setting("network.dns1", "dns"), "It has to be an IP address."),
    "a long text": (setting("general.asset_tag", "x" * 65), "at most 64 characters"),
    "two lines": (setting("general.location", "a\nb"), "without line breaks"),
    "neither value nor column": (setting("fax.rings"), "neither a value nor a column"),
    "a column that is not there": (setting("general.asset_tag", variable="Tag"), "has no column “Tag”"),
    "a secret from a column": (setting("wireless.key", variable="Site tag", secret="x"), "cannot come from"),
    "a secret in the open": (setting("wireless.key", "key", secret="x"), "hand it in as the secret"),
    "a secret where none belongs": (setting("fax.rings", 3, secret="x"), "is no password"),
    "a setting twice": (
        {"settings": [{"name": "fax.rings", "value": 3}, {"name": "fax.rings", "value": 4}]},
        "occurs twice",
    ),
    "a resource that is gone": ({"settings_files": ["gone"]}, "does not exist any more"),
    "an app as firmware": ({"firmware": {"resource_ids": ["scan"]}}, "not of the kind"),
    "firmware as an app": ({"apps": [{"resource_id": "new"}]}, "not of the kind"),
    "a file twice": ({"settings_files": ["hall", "hall"]}, "was chosen twice"),
    "two levels for one model": ({"firmware": {"resource_ids": ["new", "other"]}}, "the same model: PX C4150."),
    "one app in two versions": (
        {"apps": [{"resource_id": "scan"}, {"resource_id": "scan-again"}]},
        "are the same app",
    ),
    "a setting that the app lacks": (
        {"apps": [{"resource_id": "scan", "settings": {"speed": 1}}]},
        "has no setting “speed”",
    ),
    "an app's setting of another type": (
        {"apps": [{"resource_id": "scan", "settings": {"retries": "3"}}]},
        "has to be a whole number",
    ),
    "FL-379, AC-197 nobody can sign in": ({"login_methods": {"public": {"copy": False}}}, "At least one login method"),
    "FL-379 an unknown access control": ({"login_methods": {"public": {"fly": True}}}, "is no access control"),
    "FL-380 an account without its password": (
        {"login_methods": {"accounts": [{"type": "password", "name": "kim"}]}},
        "has no password or PIN",
    ),
    "FL-380 a PIN of three digits": (
        {"login_methods": {"accounts": [{"type": "pin", "name": "kim", "secret": "123"}]}},
        "4 to 16 digits",
    ),
    "FL-380 a group that does not exist": (
        {"login_methods": {"accounts": [ACCOUNT | {"groups": ["Staff"]}]}},
        "the group “Staff”, which does not exist",
    ),
    "two accounts of one name": ({"login_methods": {"accounts": [ACCOUNT, ACCOUNT]}}, "is used twice"),
    "FL-382 GSSAPI without Kerberos": (
        {"login_methods": {"ldap": [{"type": "ldap_gssapi", "name": "D", "server": "d.example.com"}]}},
        "needs Kerberos",
    ),
    "FL-381 a server that is none": (
        {"login_methods": {"ldap": [{"type": "ldap", "name": "D", "server": "d example"}]}},
        "neither a host name nor an IP address",
    ),
    "FL-381 LDAP without a name": (
        {"login_methods": {"ldap": [{"type": "ldap", "name": "", "server": "d.example.com"}]}},
        "A login method has no name",
    ),
    "FL-381 a permission of LDAP that is none": (
        {"login_methods": {"ldap": [{"type": "ldap", "name": "D", "server": "d.example.com", "access": ["fly"]}]}},
        "“fly” is no access control",
    ),
    "FL-384 cards for a group that does not exist": (
        {"login_methods": {"other": [{"type": "card", "groups": ["Staff"]}]}},
        "for the group “Staff”, which does not exist",
    ),
    "FL-380 a group without a name": ({"login_methods": {"groups": [{"name": " "}]}}, "A group has no name"),
    "FL-383 Kerberos without anything": ({"login_methods": {"kerberos": {}}}, "a realm and a server, or a file"),
    "FL-385 a default method that does not exist": (
        {"login_methods": {"accounts": [ACCOUNT], "additional": {"default_method": "Directory"}}},
        "does not exist",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_may_not_be_saved(case: str) -> None:
    values, words = BAD[case]
    told = found(content_of(**values), ["Site tag"])
    assert any(words in one for one in told), told


def test_a_group_is_renamed_or_taken_out_wherever_it_is_named() -> None:
    """FL-380, FL-384: cloud and card authentication are chosen for groups, which accounts belong to as well."""
    groups = [{"name": "Staff", "access": ["copy"]}, {"name": "Guests"}]
    other = [{"type": "cloud", "groups": ["Guests"]}, {"type": "card", "groups": ["Staff", "Guests"]}]
    login = LoginMethods.model_validate(
        {"accounts": [ACCOUNT | {"groups": ["Staff"]}], "groups": groups, "other": other}
    )
    staff = login.groups[0]
    renamed = login.with_group(staff, LocalGroup(name="Office", access=("copy", "scan")))
    assert [group.name for group in renamed.groups] == ["Office", "Guests"]
    assert renamed.accounts[0].groups == ("Office",)
    assert [one.groups for one in renamed.other] == [("Guests",), ("Office", "Guests")]
    without = login.with_group(staff, None)
    assert [one.groups for one in without.other] == [("Guests",), ("Guests",)]
    assert without.accounts[0].groups == ()
    assert not list(without.problems())


def test_a_column_needs_a_file() -> None:
    """FL-371: the variable button is off until there is one."""
    told = found(content_of(**setting("general.asset_tag", variable="Site tag")))
    assert told == ["“Asset tag” uses a column, but there is no variable settings file."]


ADVICE: dict[str, tuple[dict[str, bool], list[str]]] = {
    "alone, the switch is on": ({"scan": True}, []),
    "alone, the switch is off": ({"scan": False}, ["Turn “auth_plugin” of “Scan” on"]),
    "with the cloud authentication app, on": ({"scan": True, "cloud-authentication": True}, []),
    "with another authentication app, on": (
        {"scan": True, "card-authentication": True},
        ["Turn “auth_plugin” of “Scan” off", "Tick “Scan” in the permissions"],
    ),
    "with another authentication app, off": (
        {"scan": False, "card-authentication": True},
        ["Tick “Scan” in the permissions"],
    ),
    "the print apps with another authentication app": (
        {"print-release": False, "card-authentication": True},
        ["The print apps may not work together"],
    ),
}


@pytest.mark.parametrize("case", ADVICE)
def test_what_is_advised_about_apps_together(case: str) -> None:
    """FL-359…FL-361; the module on alone and off beside others (SCAN-104, SCAN-105), the card permission (SCAN-103)."""
    chosen, words = ADVICE[case]
    apps = [
        {
            "resource_id": name,
            "settings": {"auth_plugin": is_on} if "auth_plugin" in LIBRARY[name].facts["settings"] else {},
        }
        for name, is_on in chosen.items()
    ]
    told = [str(one) for one in advice(content_of(apps=apps), LIBRARY)]
    assert len(told) == len(words)
    assert all(text.startswith(start) for text, start in zip(told, words, strict=True)), told


def test_the_catalogue_is_that_of_the_printers() -> None:
    """Every setting of every model with its type, range, choices and default."""
    ours = settings_catalogue()
    theirs = {name: facts for profile in profiles().values() for name, facts in catalogue(profile).items()}
    assert set(ours) == set(theirs)
    for name, facts in theirs.items():
        one = ours[name]
        assert (one.label, one.path, one.type.value, one.default) == (
            facts.label,
            facts.path,
            facts.type.value,
            facts.default,
        )
        assert (one.low, one.high, one.choices, one.unit, one.needs) == (
            facts.low,
            facts.high,
            facts.choices,
            facts.unit,
            facts.needs,
        )


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("sleep", ["energy.sleep_minutes"]),
        ("snmp community", ["network.snmp_read_community"]),
        ("e-mail subject", ["email.subject"]),
        ("no such words", []),
    ],
)
def test_a_search_finds_every_path_that_leads_to_a_match(search: str, names: list[str]) -> None:
    """FL-364."""
    assert [facts.name for facts in find_settings(search)] == names


def quotas_beside(app_id: str) -> dict[str, Resource]:
    return {
        one.id: one for one in (app(app_id, auth_idle=True), app("device-quotas"), app("print-release", auth_idle=True))
    }


@pytest.mark.parametrize(
    ("chosen", "settings", "codes"),
    [
        (["scan"], {}, []),
        (["scan", "device-quotas"], {}, ["scan.quotas_app"]),
        (["translation", "device-quotas"], {}, ["scan.quotas_app"]),
        (["print-release", "device-quotas"], {}, []),
        (["scan", "print-release"], {}, []),
        (["scan", "print-release"], {"auth_idle": False}, ["configuration.authentication_differs"]),
    ],
)
def test_apps_that_do_not_go_together_cannot_be_published(
    chosen: list[str], settings: dict[str, Any], codes: list[str]
) -> None:
    """SCAN-101, SCAN-102, SCAN-107; whoever edits is told before."""
    library = {**quotas_beside("scan"), **quotas_beside("translation")}
    apps = [{"resource_id": one, "settings": settings if one == "scan" else {}} for one in chosen]
    content = content_of(apps=apps)
    assert [one.code for one in conflicts(content, library)] == codes
    assert len([one for one in advice(content, library) if str(one).startswith(("Invalid user", "“"))]) >= len(codes)
