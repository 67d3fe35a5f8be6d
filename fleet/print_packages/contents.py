"""The files of a package: client.json, how to set up the queue without a driver, the program, and what is signed.

The same choice makes the same package, octet for octet. It holds no secret: whoever uses it signs in.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

from connectors.signatures import sign
from fleet.packages.building import add_file, program_files
from fleet.print_assignments.evaluation import AssignedPrinter, EvaluatedAssignment
from fleet.print_packages.choice import PackageChoice
from steps.agent_packages import own_target
from steps.versions import VERSION

SIGNATURES = "print packages"
"""The use of the installation's signing key."""
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
LAUNCHERS = Path(__file__).parent / "launchers"
PROGRAM = (
    "connectors",
    "steps",
    "pressroom/__init__.py",
    "pressroom/node_commands.py",
    "pressroom/portal_address.py",
    "pressroom/agent/__init__.py",
    "pressroom/agent/launcher.py",
    "pressroom/agent/state.py",
    "pressroom/agent/versions.py",
    "pressroom/local_page/__init__.py",
    "pressroom/local_page/server.py",
    "pressroom/workstation",
)
"""What of this repository the program of workstations consists of."""
NEEDED_MORE = ("cronsim", "img2pdf", "numpy", "pikepdf", "pillow", "psutil", "pypdfium2")
"""What storage nodes need besides, and what prepares documents for printers on the workstation itself."""
FIRST_PORT = 9159
"""Of the ports at which the agent listens for direct queues (PR-314)."""


def write_package(
    target: Path, choice: PackageChoice, assignments: Sequence[EvaluatedAssignment], portal: str, queue: str
) -> str:
    """Write the package to `target`; returns the signature of its manifest.

    `portal` is the address of the portal, `queue` that of the cloud queue (ipps). The program is in it where the system
    is ours: for others there are the configuration and the ways without a program.
    """
    has_program = own_target().startswith(f"{choice.system}-")
    digests: dict[str, str] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:

        def write(name: str, content: bytes, mode: int = 0o644) -> None:
            digests[name] = hashlib.sha256(content).hexdigest()
            add_file(package, name, content, mode)

        for name, configuration in _configurations(choice, assignments, portal):
            write(name, (json.dumps(configuration, indent=2, ensure_ascii=False) + "\n").encode())
        for name, text in _set_up(choice, queue).items():
            write(name, text.encode(), 0o755 if name.endswith(".sh") else 0o644)
        write("README.txt", _readme(choice, has_program=has_program).encode())
        if has_program:
            launcher = "printctl.cmd" if choice.system == "windows" else "printctl.sh"
            write(launcher.removesuffix(".sh"), (LAUNCHERS / launcher).read_bytes(), 0o755)
            for name, content in program_files(PROGRAM, NEEDED_MORE):
                write(name, content)
        told = {
            "kind": "print-client",
            "version": VERSION,
            "target": own_target() if has_program else choice.system,
            "choice": choice.model_dump(mode="json") | {"modes": sorted(choice.modes)},
            "files": digests,
        }
        manifest = json.dumps(told, indent=1, sort_keys=True).encode()
        signature = sign(SIGNATURES, manifest)
        add_file(package, MANIFEST, manifest)
        add_file(package, SIGNATURE, signature.encode())
    return signature


def client_configuration(choice: PackageChoice, printers: Sequence[AssignedPrinter], portal: str) -> dict[str, Any]:
    """`client.json`, with what differs from the program's defaults (section 36)."""
    names = {"cloud": choice.cloud_queue, "hybrid": choice.hybrid_queue}
    direct = printers[0].queue if printers else ""
    content: dict[str, Any] = {
        "modes": sorted(choice.modes),
        "serverSettings": {"portalUrl": portal},
        "uiSettings": {"displayNotifications": choice.notifications},
        "queueNames": names,
        "defaultQueueName": names.get(choice.default_queue or "", direct if choice.default_queue else ""),
    }
    if printers:
        content["directPrintSettings"] = {
            "printSettings": [
                {
                    "queueName": printer.queue,
                    "ipAddress": printer.address,
                    "loopbackPort": FIRST_PORT + number,
                    "loopbackPortName": f"DirectPrintPort{FIRST_PORT + number}",
                }
                for number, printer in enumerate(printers)
            ]
        }
    return content


def _configurations(
    choice: PackageChoice, assignments: Sequence[EvaluatedAssignment], portal: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """One file; with several assignments, one in a folder for each (PR-239)."""
    if len(assignments) <= 1:
        printers = assignments[0].printers if assignments else ()
        yield "client.json", client_configuration(choice, printers, portal)
        return
    for number, one in enumerate(assignments, 1):
        plain = "".join(sign if sign.isalnum() or sign in " -_" else "_" for sign in one.name).strip() or "assignment"
        yield f"{number:02} {plain}/client.json", client_configuration(choice, one.printers, portal)


def _set_up(choice: PackageChoice, queue: str) -> dict[str, str]:
    """How the system itself prints to the cloud queue, without a driver and without us (PR-285)."""
    if "cloud" not in choice.modes:
        return {}
    name = choice.cloud_queue
    if choice.system == "windows":
        address = queue.replace("ipps://", "https://", 1)
        first = f'(New-Object -ComObject WScript.Network).SetDefaultPrinter("{name}")\r\n'
        default = first if choice.default_queue == "cloud" else ""
        return {"add-printer.ps1": f'Add-Printer -Name "{name}" -IppURL "{address}"\r\n{default}'}
    if choice.system == "macos":
        return {"cloud-print.mobileconfig": _profile(name, queue)}
    plain = name.replace(" ", "-")
    default = f"lpadmin -d {plain}\n" if choice.default_queue == "cloud" else ""
    add = f"lpadmin -p {plain} -D '{name}' -E -m everywhere -v '{queue}' -o auth-info-required=username,password\n"
    return {"add-printer.sh": f"#!/bin/sh\nset -e\n{add}{default}"}


def _profile(name: str, queue: str) -> str:
    """A profile by which macOS and iOS add the queue (AirPrint payload)."""
    host, _, rest = queue.removeprefix("ipps://").partition("/")
    address, _, port = host.rpartition(":")
    inner, outer = (str(uuid5(NAMESPACE_URL, f"{queue} {what}")).upper() for what in ("printer", "profile"))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadContent</key><array><dict>
<key>PayloadType</key><string>com.apple.airprint</string>
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>pressroom.print.{inner}</string>
<key>PayloadUUID</key><string>{inner}</string>
<key>AirPrint</key><array><dict>
<key>IPAddress</key><string>{escape(address.strip("[]"))}</string>
<key>ResourcePath</key><string>/{escape(rest)}</string>
<key>Port</key><integer>{port}</integer>
<key>ForceTLS</key><true/>
</dict></array>
</dict></array>
<key>PayloadDisplayName</key><string>{escape(name)}</string>
<key>PayloadIdentifier</key><string>pressroom.print</string>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadUUID</key><string>{outer}</string>
<key>PayloadVersion</key><integer>1</integer>
</dict></plist>
"""


def _readme(choice: PackageChoice, *, has_program: bool) -> str:
    """What is in the package, and how to go on."""
    lines = ["Printing from this workstation", "==============================", ""]
    if has_program:
        program = "printctl.cmd" if choice.system == "windows" else "./printctl"
        lines += [
            f"{program} login    signs you in, by saying yes in a browser",
            f"{program} agent    runs the agent",
            f"{program} submit   prints documents",
            "",
            "It needs Python of the version that manifest.json names, and nothing else. The configuration beside it,",
            "client.json, is taken over when the program is used first; keep both in one folder.",
        ]
    else:
        lines += [
            "This package has the configuration, client.json, without the program: put it into the agent's folder",
            "(“printctl config show” works there) after the program was installed as its documentation says.",
        ]
    if "cloud" in choice.modes:
        lines += [
            "",
            "The file beside this one adds the cloud queue to the system itself, without a driver. It asks for",
        ]
        lines += ["your e-mail address and a print password, which you make on the page “My account”."]
    return "\n".join(lines) + "\n"
