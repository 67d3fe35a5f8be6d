"""The settings bundle that tells a small printer where the print service is and who it is there (PR-210, PR-211).

XML is built as a tree and never from strings, so that no value can become markup.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from xml.etree import ElementTree

DEVICE_SETTINGS, SECURITY_SETTINGS, MANIFEST = "bundle.xml", "security_settings.xml", "manifest.json"
COMPACT_RELEASE = "compact release"
"""The function among the public permissions, of the group of device management."""
ADDRESS = "cloud.services.address"
CLIENT_ID = "cloud.services.client.id"
CLIENT_SECRET = "cloud.services.client.secret"  # noqa: S105 — the name of a setting


def compact_release_bundle(address: str, client_id: str, client_secret: str) -> bytes:
    """A ZIP that printers of every model take: the three settings, and the public permission for the function."""
    settings = {ADDRESS: address, CLIENT_ID: client_id, CLIENT_SECRET: client_secret}
    parts = {
        MANIFEST: json.dumps({"kind": "settings-bundle", "models": []}, indent=2).encode(),
        DEVICE_SETTINGS: _document(_device_settings(settings)),
        SECURITY_SETTINGS: _document(_security_settings()),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in parts.items():
            bundle.writestr(name, content)
    return out.getvalue()


def _device_settings(settings: Mapping[str, str]) -> ElementTree.Element:
    root = ElementTree.Element("bundle")
    group = ElementTree.SubElement(root, "deviceSettings")
    for name, value in settings.items():
        ElementTree.SubElement(group, "setting", {"name": name}).text = value
    return root


def _security_settings() -> ElementTree.Element:
    root = ElementTree.Element("security_settings")
    group = ElementTree.SubElement(root, "public_permissions")
    ElementTree.SubElement(group, "name").text = COMPACT_RELEASE
    return root


def _document(root: ElementTree.Element) -> bytes:
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
