"""Configurations of former print clients, XML and JSON, as a `client.json` (PR-314, PR-315, AM-40, AM-51)."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pressroom.workstation.configuration import BAD_CONFIGURATION, Configuration, configuration_of

OTHER_NAMES = {"cpmServerUrl": "portalUrl", "printServerUrl": "portalUrl", "webProxyAddress": "address"}
"""Keys of others by our names."""


def convert(file: Path) -> tuple[Configuration, list[str]]:
    """The configuration in the file, and which of its keys have no meaning here. Raises `BAD_CONFIGURATION`."""
    try:
        content = file.read_bytes()
        given = _from_xml(content) if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") else json.loads(content)
        renamed = _renamed(given)
    except (OSError, ValueError, TypeError, AttributeError, ParseError, DefusedXmlException) as error:
        raise BAD_CONFIGURATION(file=file, problem=str(error).rstrip(".")) from error
    configuration = configuration_of(renamed, file)
    unknown = configuration.unknown_keys()
    known = configuration.model_dump(mode="json", by_alias=True)
    return Configuration.model_validate(_without(known, unknown)), unknown


def _from_xml(content: bytes) -> dict[str, Any]:
    """The old form (PR-315); `TrueUpData` says nothing any more (AM-51)."""
    root = fromstring(content)
    details = [_texts(one) for one in root.iter() if _name(one) == "PrintSettingDetails"]
    queues = [
        {
            "queueName": one["PrintQueueName"],
            "ipAddress": one["DestIPAddress"],
            "loopbackPort": int(one.get("LoopbackPort", 9151)),
            "loopbackPortName": one.get("LoopbackPortName", ""),
        }
        for one in details
    ]
    values = {_name(one): (one.text or "").strip() for one in root.iter()}
    found: dict[str, Any] = {"modes": ["direct"], "directPrintSettings": {"printSettings": queues}}
    if address := values.get("ServerIP"):
        found["serverSettings"] = {"portalUrl": f"https://{address}:{values.get('ServerPort', '443')}"}
    if form := values.get("PrintJobFileNameFormat"):
        found["printJobFileNameFormat"] = form
    ports = [int(text) for name, text in values.items() if name.endswith("DirectPrintListenerPort") and text]
    if ports:
        found["listenerPortSettings"] = {"universalServicePort": ports[0]}
    return found


def _texts(element: Element) -> dict[str, str]:
    return {_name(one): (one.text or "").strip() for one in element}


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _renamed(given: Any) -> Any:
    """With our names for what others call differently; switches that begin with “usePrint” are one (PR-314)."""
    if isinstance(given, Mapping):
        return dict(_pairs(given))
    return [_renamed(one) for one in given] if isinstance(given, list) else given


def _pairs(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        is_switch = name.startswith("usePrint") and isinstance(value, bool)
        yield "printEncrypted" if is_switch else OTHER_NAMES.get(name, name), _renamed(value)


def _without(known: dict[str, Any], unknown: list[str]) -> dict[str, Any]:
    """The known part: what is unknown is told, and left out."""
    plain = {path.split(".")[0] for path in unknown if "." not in path}
    kept = {name: value for name, value in known.items() if name not in plain}
    for path in unknown:
        *groups, last = path.split(".")
        place: Any = kept
        for group in groups:
            name, _, number = group.rstrip("]").partition("[")
            place = place[name][int(number)] if number else place[name]
        if groups:
            place.pop(last, None)
    return kept
