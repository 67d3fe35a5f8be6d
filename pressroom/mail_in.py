"""The process that takes mail for printing (F-11)."""

import asyncio
import signal
import ssl

import structlog

from connectors.errors import Fault
from connectors.mail_in.receiver import ReceiverLimits, start_receiver
from connectors.messages import N_
from connectors.settings import Settings
from domain.print_mail.reception import PrintMailDoor
from domain.printing.mail_address import mail_domain

log = structlog.get_logger(__name__)
MB = 1 << 20
NO_CERTIFICATE = Fault(
    "mail_in.certificate",
    500,
    N_("The certificate for mail that comes in cannot be used: {reason}."),
    N_("Set PRESSROOM_MAIL_IN_CERTIFICATE and PRESSROOM_MAIL_IN_CERTIFICATE_KEY to readable files, or none of them."),
)


def serve(settings: Settings) -> None:
    """Take mail until told to stop; raises `NO_CERTIFICATE`."""
    asyncio.run(_serve(settings, _tls(settings)))


def limits_of(settings: Settings) -> ReceiverLimits:
    """What the settings allow a mail and its connection."""
    return ReceiverLimits(
        message_bytes=settings.mail_in_max_mb * MB,
        recipients=settings.mail_in_recipients,
        connections=settings.mail_in_connections,
        per_address=max(1, settings.mail_in_connections // 2),
        silence=settings.mail_in_silence_seconds,
        seconds=settings.mail_in_message_seconds,
    )


async def _serve(settings: Settings, tls: ssl.SSLContext | None) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    server = await start_receiver(
        PrintMailDoor(),
        settings.mail_in_host,
        settings.mail_in_port,
        limits_of(settings),
        hostname=mail_domain(),
        speaks_lmtp=settings.mail_in_protocol == "lmtp",
        tls=tls,
    )
    log.info("mail for printing is taken", host=settings.mail_in_host, port=settings.mail_in_port)
    async with server:
        await ended.wait()


def _tls(settings: Settings) -> ssl.SSLContext | None:
    certificate, key = settings.mail_in_certificate, settings.mail_in_certificate_key
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise NO_CERTIFICATE(reason="one of the two files is not named")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise NO_CERTIFICATE(reason=getattr(error, "strerror", None) or type(error).__name__) from error
    return context
