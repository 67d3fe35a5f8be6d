"""Whether the server that handed a mail over may send for the domain of its envelope (SPF, RFC 7208; PR-143).

`pyspf` evaluates the policy, as it does in many mail filters; every question that it has goes through `Names`.
"""

from typing import Any

import spf
import structlog

from connectors.mail_in.names import Names, NamesUnreachable

log = structlog.get_logger(__name__)
MOST_VOID = 2
"""Questions without an answer that a policy may cause (RFC 7208, 4.6.4)."""


def permitted_domain(peer: str, mail_from: str, helo: str, names: Names) -> str:
    """The domain of `mail_from`, in lower case, where its policy lets `peer` send; empty: not, or not known."""
    domain = mail_from.rpartition("@")[2].lower().rstrip(".")
    if not peer or not domain:
        return ""
    try:
        result, _, _ = _Policy(peer, mail_from, helo or "unknown", names).check()
    except Exception as error:  # noqa: BLE001 — the library raises what it stumbles upon in malformed policies
        log.info("a sender's policy cannot be read", reason=type(error).__name__)
        return ""
    log.info("a sender's policy was looked at", result=result)
    return domain if result == "pass" else ""


class _Policy(spf.query):  # type: ignore[misc]
    """One evaluation; the library's own way to the name servers has neither our bounds nor our servers."""

    def __init__(self, peer: str, mail_from: str, helo: str, names: Names) -> None:
        self._names = names
        super().__init__(i=peer, s=mail_from, h=helo)

    def dns(self, name: str, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:
        """What the library asks for, in the shape that it takes; aliases are followed by the resolver."""
        if not name or any(not 0 < len(label) < 64 for label in str(name).rstrip(".").split(".")):
            return []
        try:
            found = [_value(record, qtype) for record in self._names.find(str(name), qtype)]
        except NamesUnreachable as error:
            raise spf.TempError("DNS error") from error
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > MOST_VOID:
                raise spf.PermError("Too many lookups without an answer")
        return found


def _value(record: Any, kind: str) -> Any:
    match kind:
        case "MX":
            return record.preference, record.exchange.to_text(True)
        case "PTR":
            return record.target.to_text(True)
        case "TXT":
            return record.strings
        case _:
            return record.address
