"""The flow that notes what has expired at printers; whoever looks something up checks the time too."""

from prefect import flow, get_run_logger

from domain.printer_login import expiry


@flow(name="expire-printer-logins", persist_result=False)
def expire_printer_logins() -> int:
    """Note badges and PINs that have expired and clear away what ended long ago; returns how many were found."""
    expired = expiry.expire_printer_logins()
    get_run_logger().info("%s badges and %s PINs have expired", expired.badges, expired.pins)
    return expired.badges + expired.pins
