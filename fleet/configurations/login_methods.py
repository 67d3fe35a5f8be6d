"""Login methods of a configuration: who may do what at the panel, and how people sign in there (FL-377…FL-386, AC-197).

Passwords and PINs are `SecretStr`: they are kept apart from the rest, encrypted, and only an order tells them.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.messages import N_, Message

FRAMEWORK, FLEET_AGENT = "5.0", "2.1.7"
"""What login methods need (FL-377, FL-602)."""

FUNCTION_ACCESS = ("copy", "scan", "fax", "email", "print_from_usb", "color", "held_jobs")
ADMINISTRATIVE_MENUS = ("settings", "network_menu", "security_menu", "paper_menu", "reports_menu")
DEVICE_MANAGEMENT = ("remote_management", "firmware_updates", "import_export", "app_configuration")
APPS = ("apps", "new_apps")
ACCESS_GROUPS = {
    N_("Function access"): FUNCTION_ACCESS,
    N_("Administrative menus"): ADMINISTRATIVE_MENUS,
    N_("Device management"): DEVICE_MANAGEMENT,
    N_("Apps"): APPS,
}
"""The access controls, in the four groups of FL-379."""
ACCESS = frozenset(FUNCTION_ACCESS + ADMINISTRATIVE_MENUS + DEVICE_MANAGEMENT + APPS)
ACCESS_TITLES = {
    "copy": N_("Copy"),
    "scan": N_("Scan"),
    "fax": N_("Fax"),
    "email": N_("E-mail"),
    "print_from_usb": N_("Print from USB drives"),
    "color": N_("Color"),
    "held_jobs": N_("Held jobs"),
    "settings": N_("Settings menu"),
    "network_menu": N_("Network menu"),
    "security_menu": N_("Security menu"),
    "paper_menu": N_("Paper menu"),
    "reports_menu": N_("Reports menu"),
    "remote_management": N_("Remote management"),
    "firmware_updates": N_("Firmware updates"),
    "import_export": N_("Import and export of settings"),
    "app_configuration": N_("App configuration"),
    "apps": N_("Use apps"),
    "new_apps": N_("Use apps that are added later"),
}

NO_METHOD = N_("At least one login method has to exist before public access is limited.")
NEEDS_KERBEROS = N_("LDAP+GSSAPI needs Kerberos: add Kerberos 5 first.")
NAME_TWICE = N_("The name “{name}” is used twice.")
NO_NAME = N_("A login method has no name.")
NO_GROUP = N_("“{name}” belongs to the group “{group}”, which does not exist.")
NO_GROUP_OF_METHOD = N_("Another login method is chosen for the group “{group}”, which does not exist.")
NAMELESS_GROUP = N_("A group has no name.")
NO_SECRET = N_("“{name}” has no password or PIN.")
BAD_PIN = N_("The PIN of “{name}” has to have 4 to 16 digits.")
BAD_CHARACTERS = N_("The name or password of “{name}” contains characters that printers do not take.")
NO_ACCESS_CONTROL = N_("“{name}” is no access control.")
BAD_SERVER = N_("“{server}” is neither a host name nor an IP address.")
NO_DEFAULT = N_("The default login method “{name}” does not exist.")
NO_KERBEROS_FILE = N_("Kerberos 5 needs a realm and a server, or a file.")

KERBEROS_FILE_LIMIT = 100_000

_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
_NOT_TAKEN = frozenset('"<>\\/[]:;|=,+*?')


class AccountType(StrEnum):
    """How somebody of a local account signs in (FL-380)."""

    USER_PASSWORD = "user_password"  # noqa: S105 — a word, no secret
    USER_NAME = "user_name"
    PASSWORD = "password"  # noqa: S105
    PIN = "pin"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LocalAccount(_Part):
    """One account; `name` is also what an account with a password or PIN alone is called by."""

    type: AccountType
    name: str = Field(max_length=64)
    secret: SecretStr | None = None
    groups: tuple[str, ...] = ()


class LocalGroup(_Part):
    """People with local accounts who may do the same."""

    name: str = Field(max_length=64)
    access: tuple[str, ...] = ()


class Ldap(_Part):
    """LDAP, or LDAP+GSSAPI, which needs Kerberos (FL-381, FL-382). `user_input`: what people enter."""

    type: Literal["ldap", "ldap_gssapi"]
    name: str = Field(max_length=64)
    server: str = Field(max_length=255)
    port: int = Field(389, ge=1, le=65535)
    user_input: Literal["user_password", "user_name"] = "user_password"
    access: tuple[str, ...] = ()


class Kerberos(_Part):
    """Kerberos 5 by a simple file made of realm and server, or by one that was imported (FL-383)."""

    type: Literal["kerberos"] = "kerberos"
    name: str = Field("Kerberos", max_length=64)
    realm: str = Field("", max_length=255)
    server: str = Field("", max_length=255)
    port: int = Field(88, ge=1, le=65535)
    file: str = Field("", max_length=KERBEROS_FILE_LIMIT)
    reverse_lookups: bool = True
    access: tuple[str, ...] = ()


class OtherMethod(_Part):
    """Cloud authentication or card authentication, chosen for groups (FL-384)."""

    type: Literal["cloud", "card"]
    groups: tuple[str, ...] = ()


class AdditionalSettings(_Part):
    """Default methods, login restrictions and the rest (FL-385)."""

    default_method: str = Field("", max_length=64)
    failures: int = Field(3, ge=1, le=10)
    lockout_minutes: int = Field(5, ge=1, le=60)
    panel_timeout_seconds: int = Field(30, ge=5, le=300)


class LoginMethods(_Part):
    """All of it. `public`: what somebody may do who has not signed in; controls that are left out are allowed."""

    public: dict[str, bool] = {}
    accounts: tuple[LocalAccount, ...] = ()
    groups: tuple[LocalGroup, ...] = ()
    ldap: tuple[Ldap, ...] = ()
    kerberos: Kerberos | None = None
    other: tuple[OtherMethod, ...] = ()
    additional: AdditionalSettings = AdditionalSettings()

    def problems(self) -> Iterator[Message]:
        """What printers would refuse, and what would lock everybody out."""
        names = self.method_names()
        if not all(self.public.values()) and not names:
            yield Message.of(NO_METHOD)
        if any(one.type == "ldap_gssapi" for one in self.ldap) and self.kerberos is None:
            yield Message.of(NEEDS_KERBEROS)
        yield from _twice(names)
        yield from _twice([group.name for group in self.groups])
        for name in (*self.public, *self._permissions()):
            if name not in ACCESS:
                yield Message.of(NO_ACCESS_CONTROL, name=name)
        groups = {group.name for group in self.groups}
        if not all(name.strip() for name in groups):
            yield Message.of(NAMELESS_GROUP)
        for account in self.accounts:
            yield from _account_problems(account, groups)
        for group in {name: None for other in self.other for name in other.groups if name not in groups}:
            yield Message.of(NO_GROUP_OF_METHOD, group=group)
        yield from self._network_problems()
        default = self.additional.default_method
        if default and default not in names:
            yield Message.of(NO_DEFAULT, name=default)

    def method_names(self) -> list[str]:
        """What methods are called by; each once."""
        named = [account.name for account in self.accounts] + [one.name for one in self.ldap]
        return named + ([self.kerberos.name] if self.kerberos else []) + [one.type for one in self.other]

    def with_group(self, former: LocalGroup, group: LocalGroup | None) -> "LoginMethods":
        """The methods with another group in place of one, or without it, also where accounts and methods name it."""
        groups = tuple(group if one is former else one for one in self.groups)

        def named(names: tuple[str, ...]) -> tuple[str, ...]:
            if group is None:
                return tuple(name for name in names if name != former.name)
            return tuple(group.name if name == former.name else name for name in names)

        changed = {
            "groups": tuple(one for one in groups if one is not None),
            "accounts": tuple(one.model_copy(update={"groups": named(one.groups)}) for one in self.accounts),
            "other": tuple(one.model_copy(update={"groups": named(one.groups)}) for one in self.other),
        }
        return self.model_copy(update=changed)

    def device_form(self, *, with_secrets: bool) -> dict[str, Any]:
        """What the device management API takes; without secrets it is what the API gives back."""
        network = [one.model_dump(mode="json") for one in self.ldap]
        if self.kerberos is not None:
            network.append(self.kerberos.model_dump(mode="json"))
        return {
            "public": dict(self.public),
            "local": {
                "accounts": [_account_row(account, with_secrets=with_secrets) for account in self.accounts],
                "groups": [group.model_dump(mode="json") for group in self.groups],
            },
            "network": network,
            "other": [one.model_dump(mode="json") for one in self.other],
            "additional": self.additional.model_dump(mode="json"),
        }

    def _permissions(self) -> Iterator[str]:
        """Every access control that groups and network methods give (FL-380…FL-383)."""
        kerberos = (self.kerberos,) if self.kerberos else ()
        for part in (*self.groups, *self.ldap, *kerberos):
            yield from part.access

    def _network_problems(self) -> Iterator[Message]:
        for one in self.ldap:
            if not one.name.strip():
                yield Message.of(NO_NAME)
            if not is_host(one.server):
                yield Message.of(BAD_SERVER, server=one.server)
        if self.kerberos is not None and not self.kerberos.file:
            if not self.kerberos.realm or not self.kerberos.server:
                yield Message.of(NO_KERBEROS_FILE)
            elif not is_host(self.kerberos.server):
                yield Message.of(BAD_SERVER, server=self.kerberos.server)


def is_host(text: str) -> bool:
    """Whether it is a host name or an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return _HOST.fullmatch(text) is not None
    return True


def are_credentials_taken(name: str, secret: str) -> bool:
    """Whether printers take such a name and password: printable, without marks that have a meaning to them (FL-392)."""
    return name.isprintable() and secret.isprintable() and not (_NOT_TAKEN & set(name + secret))


def read_device_form(found: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The parts of `LoginMethods` in what a printer or a bundle tells, and the names of what it is not made for."""
    local = found.get("local") if isinstance(found.get("local"), dict) else {}
    parts: dict[str, Any] = {
        "public": found.get("public") or {},
        "accounts": [_account_of(row) for row in (local or {}).get("accounts", []) if isinstance(row, dict)],
        "groups": (local or {}).get("groups", []),
        "ldap": [],
        "other": found.get("other") or [],
    }
    unknown = []
    for row in found.get("network") or []:
        kind = row.get("type") if isinstance(row, dict) else None
        if kind in ("ldap", "ldap_gssapi"):
            parts["ldap"].append(row)
        elif kind == "kerberos":
            parts["kerberos"] = row
        else:
            unknown.append(str(kind))
    if found.get("additional"):
        parts["additional"] = found["additional"]
    return parts, unknown


def _account_of(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name in ("type", "name", "groups")}
    secret = row.get("password") or row.get("pin")
    return {**kept, "secret": str(secret)} if secret else kept


def _account_row(account: LocalAccount, *, with_secrets: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"type": account.type.value, "name": account.name, "groups": list(account.groups)}
    if with_secrets and account.secret is not None:
        row["pin" if account.type is AccountType.PIN else "password"] = account.secret.get_secret_value()
    return row


def _account_problems(account: LocalAccount, groups: set[str]) -> Iterator[Message]:
    if not account.name.strip():
        yield Message.of(NO_NAME)
    for group in account.groups:
        if group not in groups:
            yield Message.of(NO_GROUP, name=account.name, group=group)
    secret = account.secret.get_secret_value() if account.secret else ""
    if not are_credentials_taken(account.name, secret):
        yield Message.of(BAD_CHARACTERS, name=account.name)
    if account.type is not AccountType.USER_NAME and not secret:
        yield Message.of(NO_SECRET, name=account.name)
    elif account.type is AccountType.PIN and not re.fullmatch(r"[0-9]{4,16}", secret):
        yield Message.of(BAD_PIN, name=account.name)


def _twice(names: list[str]) -> Iterator[Message]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Message.of(NAME_TWICE, name=name)
