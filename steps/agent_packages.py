"""Update packages of agents and workstations: which there are, what their signature covers (FL-138, FL-139, PR-303).

A package is a ZIP with a `manifest.json`. That of a program has the program in `app/` and what it needs of
others in `lib/`; that of the printer support library has the library's files in `vendors/`.
"""

import platform
import sys
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from steps.printer_work import FileReference

SIGNATURES = "agent packages"
"""The use of the installation's signing key."""
MANIFEST = "manifest.json"
EVERY_TARGET = "any"
LIBRARY_FOLDER = "vendors"


class PackageKind(StrEnum):
    """What has versions of its own: the two parts of an agent (FL-55), and the program of workstations (PR-303)."""

    AGENT = "agent"
    LIBRARY = "library"
    WORKSTATION = "workstation"


class PackageManifest(BaseModel):
    """What a package says of itself. `target` is the system it runs on, `any` where that does not matter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: PackageKind
    version: str = Field(pattern=r"^\d{1,9}(\.\d{1,9}){1,5}$")
    target: str = Field(pattern=r"^[a-z0-9_]{1,16}(-[a-z0-9_]{1,16}){0,3}$")


class OfferedPackage(BaseModel):
    """A package as the cloud offers it to an agent."""

    model_config = ConfigDict(frozen=True)

    manifest: PackageManifest
    file: FileReference
    signature: str = Field(max_length=200)

    def statement(self) -> bytes:
        """What is signed: neither the file nor what it is said to be can be exchanged."""
        told = self.manifest
        return signed_statement(told, self.file.size, self.file.sha256)


def signed_statement(manifest: PackageManifest, size: int, sha256: str) -> bytes:
    """The lines that the signature of a package covers."""
    facts = ("pressroom package", manifest.kind.value, manifest.version, manifest.target, str(size), sha256)
    return "\n".join(facts).encode()


def own_target() -> str:
    """The system that this program runs on, as packages name it: `linux-x86_64-cp311`."""
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    machine = {"amd64": "x86_64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    return f"{system}-{machine}-cp{sys.version_info.major}{sys.version_info.minor}"
