"""Whom an `ipps` printer has to be: what its certificate must fulfil beyond encryption (RFC 8010, 8; PR-314).

Printers make their own certificates, so that for most of them there is no authority to ask: what can be known is
whether it is the same printer as before. `CheckedContext` looks at the certificate right after the handshake, before a
byte of a document goes; a refusal is told as what it is, never as an unreachable printer, which would be tried another
way.
"""

import ssl
from collections.abc import Callable
from socket import socket
from typing import Any, Self

from connectors.errors import Fault, PressroomError
from connectors.messages import N_

NOT_TRUSTED = Fault(
    "printer.not_trusted",
    409,
    N_("The certificate of the printer {printer} is not to be trusted: {reason}."),
    N_("Nothing was printed. Have an administrator look at the printer, and at the authority that is named for it."),
)
CHANGED = Fault(
    "printer.certificate_changed",
    409,
    N_("The printer {printer} shows another certificate than before."),
    N_(
        "Nothing was printed. If the printer was exchanged or reset, say so on the computer that prints: "
        "“printctl direct trust {printer}”, on a storage node “pressroom node trust {printer}”."
    ),
)
Accept = Callable[[str, bytes], PressroomError | None]
"""What is against a certificate (DER) that the printer of this name has shown; None: nothing."""


class CheckedContext(ssl.SSLContext):
    """TLS to a printer whose certificate is looked at by `accept`; `printer` is its name in messages."""

    _printer: str
    _accept: Accept

    def __new__(cls, _printer: str, _accept: Accept) -> Self:
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, printer: str, accept: Accept) -> None:
        self._printer, self._accept = printer, accept

    def wrap_socket(self, sock: socket, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """The encrypted connection; raises `NOT_TRUSTED`, and what `accept` has against it."""
        try:
            secure = super().wrap_socket(sock, *arguments, **options)
        except ssl.SSLCertVerificationError as error:
            sock.close()
            raise NOT_TRUSTED(printer=self._printer, reason=error.verify_message) from error
        refusal = self._accept(self._printer, secure.getpeercert(binary_form=True) or b"")
        if refusal is not None:
            secure.close()
            raise refusal
        return secure


def by_certificate(printer: str, accept: Accept) -> ssl.SSLContext:
    """Trust by the certificate itself, whoever has signed it and until when."""
    context = CheckedContext(printer, accept)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def by_authority(printer: str, authority_file: str, revocation: int) -> ssl.SSLContext:
    """Trust by an authority. `revocation` 1 asks its list for the printer's certificate, 2 for all of the chain.

    Raises `NOT_TRUSTED` for a file that holds none.
    """
    context = CheckedContext(printer, lambda _printer, _certificate: None)
    try:
        context.load_verify_locations(cafile=authority_file)
    except OSError as error:
        raise NOT_TRUSTED(printer=printer, reason=f"{authority_file} holds no authority") from error
    flags = {1: ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF, 2: ssl.VerifyFlags.VERIFY_CRL_CHECK_CHAIN}
    context.verify_flags |= flags.get(revocation, ssl.VerifyFlags.VERIFY_DEFAULT)
    return context
