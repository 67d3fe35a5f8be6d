"""Fetching firmware images from an address that an administrator gives, or by the name of a build (FL-340).

Only https to public addresses, unless the settings allow private ones; no redirections. What comes is written as it
arrives and counted, so that a server can neither fill the disk nor keep us for ever.
"""

import re
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx

from connectors.errors import Fault, PressroomError
from connectors.messages import N_
from connectors.settings import Settings
from connectors.storage.faults import STORAGE_UNREACHABLE, UNSAFE_ADDRESS
from connectors.storage.network import web_client

PROVIDER = "firmware"
PIECE = 1 << 18
LARGEST_IMAGE = 512 << 20
LONGEST_SECONDS = 600.0
BUILD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")

UNSAFE = Fault(
    "firmware.unsafe_address",
    422,
    N_("Firmware cannot be fetched from {address}."),
    N_("Give an https address on the public internet. Operators may allow private addresses in the settings."),
)
NO_BUILDS = Fault(
    "firmware.no_builds",
    422,
    N_("“{source}” is no address, and this installation knows no place for builds."),
    N_("Give the whole https address of the image, or have the operator set where builds are found."),
)
BAD_BUILD = Fault(
    "firmware.bad_build",
    422,
    N_("“{source}” is neither an address nor the name of a build."),
    N_("Build names consist of letters, digits, dots, hyphens and underscores."),
)
NOT_THERE = Fault(
    "firmware.not_there",
    422,
    N_("There is no firmware at {address}: the server answers {status}."),
    N_("Check the address or the build name with whom you got it from."),
    spec="FL-340",
)
UNREACHABLE = Fault(
    "firmware.unreachable",
    502,
    N_("The server at {address} cannot be reached, or took too long."),
    N_("Check the address and try again in a few minutes."),
    transient=True,
)
TOO_LARGE = Fault(
    "firmware.too_large",
    413,
    N_("The file at {address} is larger than {limit} MB."),
    N_("Check that the address leads to a firmware image."),
)


def firmware_address(source: str, settings: Settings) -> str:
    """The address of an image: `source` itself, or the place of the build of that name.

    Raises `UNSAFE`, `NO_BUILDS` and `BAD_BUILD`.
    """
    if "://" in source:
        parts = urlsplit(source)
        schemes = ("https", "http") if settings.allow_private_addresses else ("https",)
        if parts.scheme not in schemes or not parts.hostname or parts.username is not None:
            raise UNSAFE(address=source[:200])
        return source
    if not BUILD_NAME.fullmatch(source):
        raise BAD_BUILD(source=source[:200])
    if not settings.firmware_builds_url:
        raise NO_BUILDS(source=source)
    return settings.firmware_builds_url.replace("{build}", quote(source, safe=""))


def fetch_firmware(address: str, target: Path, settings: Settings) -> None:
    """Write what is at `address` to `target`; raises `UNSAFE`, `NOT_THERE`, `UNREACHABLE` and `TOO_LARGE`."""
    deadline = time.monotonic() + LONGEST_SECONDS
    with web_client(PROVIDER, allow_private=settings.allow_private_addresses) as client, target.open("wb") as file:
        try:
            with client.stream("GET", address) as response:
                if response.status_code != httpx.codes.OK:
                    raise NOT_THERE(address=address, status=response.status_code)
                size = 0
                for piece in response.iter_bytes(PIECE):
                    size += len(piece)
                    if size > LARGEST_IMAGE:
                        raise TOO_LARGE(address=address, limit=LARGEST_IMAGE >> 20)
                    if time.monotonic() > deadline:
                        raise UNREACHABLE(address=address)
                    file.write(piece)
        except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL) as error:
            raise UNREACHABLE(address=address) from error
        except PressroomError as error:
            raise _own_fault(error, address) from error


def _own_fault(error: PressroomError, address: str) -> PressroomError:
    """The guard speaks of storage; here its faults get the words of this room."""
    if error.fault is UNSAFE_ADDRESS:
        return UNSAFE(address=address)
    if error.fault is STORAGE_UNREACHABLE:
        return UNREACHABLE(address=address)
    return error
