"""Login methods of a printer (FL-377…FL-385): public permissions, local accounts and groups, network methods."""

import copy
from collections.abc import Mapping
from typing import TypeGuard

from printers_sim.device.apps import version_key
from printers_sim.device.refusal import Refusal, not_supported
from printers_sim.device.state import EventKind
from printers_sim.knobs import FailingStep
from printers_sim.printer import SimulatedPrinter

NEEDS_FRAMEWORK = "5.0"
PARTS: Mapping[str, type] = {"public": dict, "local": dict, "network": list, "other": list, "additional": dict}
LOCAL_TYPES = ("user_password", "user_name", "password", "pin")
NETWORK_TYPES = ("ldap", "ldap_gssapi", "kerberos")
SECRETS = frozenset({"password", "pin", "bind_password"})
EMPTY: Mapping[str, object] = {"public": {}, "local": {}, "network": [], "other": [], "additional": {}}
Rows = list[dict[str, object]]


def check_login_methods(printer: SimulatedPrinter, wanted: object) -> dict[str, object]:
    """What the printer would take; raises `Refusal` naming the part that is wrong."""
    if version_key(printer.profile.framework or "0") < version_key(NEEDS_FRAMEWORK):
        raise not_supported("login methods (app framework 5.0 is needed)")
    if not isinstance(wanted, dict) or not set(wanted) <= set(PARTS):
        raise _invalid(f"Login methods are a map with the parts {', '.join(PARTS)}.")
    given = {str(name): value for name, value in wanted.items()}
    for name, value in given.items():
        if not isinstance(value, PARTS[name]):
            raise _invalid(f"The part “{name}” is malformed.")
    whole = {**EMPTY, **given}
    local, network = whole["local"], whole["network"]
    accounts = local.get("accounts", []) if isinstance(local, dict) else []
    _check_rows(accounts, "local.accounts", LOCAL_TYPES)
    _check_rows(network, "network", NETWORK_TYPES)
    kinds = {row["type"] for row in network if isinstance(row, dict)} if isinstance(network, list) else set()
    if "ldap_gssapi" in kinds and "kerberos" not in kinds:
        raise _invalid("LDAP+GSSAPI needs Kerberos (FL-382).")
    public = whole["public"]
    if isinstance(public, dict) and public and not all(public.values()) and not (accounts or network or whole["other"]):
        raise _invalid("Public access may be limited only when there is a login method (FL-379).")
    return whole


def set_login_methods(printer: SimulatedPrinter, wanted: object) -> None:
    """Replace the login methods."""
    whole = check_login_methods(printer, wanted)
    printer.fail_if_asked(FailingStep.LOGIN_METHODS)
    printer.device.login_methods = whole
    printer.device.note(EventKind.SECURITY, "Login methods changed")
    printer.changes += 1


def exported_login_methods(printer: SimulatedPrinter) -> dict[str, object]:
    """The login methods without passwords and PINs (FL-276)."""
    if version_key(printer.profile.framework or "0") < version_key(NEEDS_FRAMEWORK):
        raise not_supported("login methods (app framework 5.0 is needed)")
    whole = copy.deepcopy({**EMPTY, **printer.device.login_methods})
    _strip(whole)
    return whole


def _strip(value: object) -> None:
    if isinstance(value, dict):
        for name in SECRETS & set(value):
            del value[name]
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            _strip(inner)


def _check_rows(rows: object, part: str, types: tuple[str, ...]) -> None:
    if not _are_rows(rows):
        raise _invalid(f"The part “{part}” is no list of methods.")
    for row in rows:
        if row.get("type") not in types:
            raise _invalid(f"A method in “{part}” has to be one of {', '.join(types)}.")


def _are_rows(rows: object) -> TypeGuard[Rows]:
    return isinstance(rows, list) and all(isinstance(row, dict) for row in rows)


def _invalid(reason: str) -> Refusal:
    return Refusal(422, "invalid_login_methods", reason)
