"""A programme behind an HTTP service with JSON; docs/managed-supplies.md says what it takes and answers.

Every request carries the secret token as `Authorization: Bearer` and, where something is to be done, its key as
`Idempotency-Key`. It goes to public https addresses only, unless the settings allow others, and follows no redirection.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.errors import PressroomError
from connectors.storage.faults import STORAGE_UNREACHABLE, UNSAFE_ADDRESS
from connectors.storage.network import web_client
from connectors.supplies.faults import (
    BAD_ANSWER,
    INCOMPLETE_PROGRAMME,
    PROGRAMME_BUSY,
    PROGRAMME_REFUSED,
    PROGRAMME_SIGNED_OUT,
    PROGRAMME_UNREACHABLE,
    UNSAFE_PROGRAMME,
)
from connectors.supplies.programme import Answer, Membership, MembershipRequest, OrderState, Receipt, SupplyOrder

LONGEST_ANSWER = 64 << 10
PIECE = 16 << 10
BUSY = frozenset({408, 425, 429, 503})
SIGNED_OUT = frozenset({401, 403})


class _Answered(BaseModel):
    """What the service may answer; fields that it adds besides are of no use here."""

    model_config = ConfigDict(extra="ignore")

    reference: str = Field(min_length=1, max_length=255)
    reason: str = Field("", max_length=1000)


class _Standing(_Answered):
    state: Membership


class _Progress(_Answered):
    state: OrderState
    tracking: str = Field("", max_length=255)


Read = TypeVar("Read", bound=_Answered)


class WebProgramme:
    """See `SuppliesProgramme`."""

    def __init__(self, options: Mapping[str, str], secrets: Mapping[str, str], *, allow_private: bool) -> None:
        self._address, token = options.get("address", "").rstrip("/"), secrets.get("token", "")
        for name, value in (("address", self._address), ("token", token)):
            if not value:
                raise INCOMPLETE_PROGRAMME(setting=name)
        require_safe(self._address, allow_private=allow_private)
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._client = web_client("", allow_private=allow_private)

    def request(self, requests: Sequence[MembershipRequest]) -> list[Answer]:
        """One request of HTTP for each printer."""
        return [self._request(request) for request in requests]

    def answer(self, reference: str) -> Answer:
        """`GET /printers/{reference}`"""
        return _answer(self._ask("GET", f"/printers/{quote(reference, safe='')}"))

    def order(self, order: SupplyOrder) -> Receipt:
        """`POST /orders`"""
        return _receipt(self._ask("POST", "/orders", key=order.key, json=_document(order)))

    def receipt(self, reference: str) -> Receipt:
        """`GET /orders/{reference}`"""
        return _receipt(self._ask("GET", f"/orders/{quote(reference, safe='')}"))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _request(self, request: MembershipRequest) -> Answer:
        document = {**_document(request), "accepted": request.accepted.isoformat()}
        return _answer(self._ask("POST", "/printers", key=request.key, json=document))

    def _ask(self, method: str, path: str, *, key: str = "", **options: Any) -> bytes:
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        status, content = self._send(method, f"{self._address}{path}", headers=headers, **options)
        if httpx.codes.is_success(status):
            return content
        if status in SIGNED_OUT:
            raise PROGRAMME_SIGNED_OUT()
        if status in BUSY:
            raise PROGRAMME_BUSY()
        raise PROGRAMME_UNREACHABLE() if httpx.codes.is_server_error(status) else PROGRAMME_REFUSED(status=status)

    def _send(self, method: str, url: str, **options: Any) -> tuple[int, bytes]:
        try:
            with self._client.stream(method, url, **options) as response:
                body = bytearray()
                for piece in response.iter_bytes(PIECE):
                    body += piece
                    if len(body) > LONGEST_ANSWER:
                        raise BAD_ANSWER()
                return response.status_code, bytes(body)
        except httpx.InvalidURL as error:
            raise UNSAFE_PROGRAMME() from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise PROGRAMME_UNREACHABLE() from error
        except PressroomError as error:
            raise _own_fault(error) from error


def require_safe(address: str, *, allow_private: bool) -> None:
    """Raise `UNSAFE_PROGRAMME` for an address that is none, carries a password, or is not https."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError as error:
        raise UNSAFE_PROGRAMME() from error
    schemes = ("https", "http") if allow_private else ("https",)
    if parts.scheme not in schemes or not host or parts.username is not None or parts.query or parts.fragment:
        raise UNSAFE_PROGRAMME()


def _own_fault(error: PressroomError) -> PressroomError:
    """The guard speaks of storage; here its faults get the words of this room."""
    if error.fault is UNSAFE_ADDRESS:
        return UNSAFE_PROGRAMME()
    return PROGRAMME_UNREACHABLE() if error.fault is STORAGE_UNREACHABLE else error


def _document(wanted: MembershipRequest | SupplyOrder) -> dict[str, Any]:
    return asdict(wanted)


def _answer(content: bytes) -> Answer:
    found = _read(_Standing, content)
    return Answer(found.state, found.reference, found.reason)


def _receipt(content: bytes) -> Receipt:
    found = _read(_Progress, content)
    return Receipt(found.state, found.reference, found.tracking, found.reason)


def _read(model: type[Read], content: bytes) -> Read:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        raise BAD_ANSWER() from error
