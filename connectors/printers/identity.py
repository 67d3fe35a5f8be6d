"""Who a printer is, by what it says in many places: standard objects first, then the vendor's, then descriptions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from connectors.printers.printer_mib import HR_DEVICE, LONGEST_TICKS, MARKER, MIB2, Values
from connectors.printers.reading import FASTEST, Identity, Supply, SupplyKind
from connectors.printers.texts import known, number_of, text_of
from connectors.printers.vendors import NO_VENDOR, Vendor, model_name, vendor_of_name, vendor_of_object_id

SYSTEM = f"{MIB2}.1"
DESCRIPTION, OBJECT_ID, UPTIME = f"{SYSTEM}.1.0", f"{SYSTEM}.2.0", f"{SYSTEM}.3.0"
CONTACT, HOST_NAME, LOCATION = f"{SYSTEM}.4.0", f"{SYSTEM}.5.0", f"{SYSTEM}.6.0"
PRINTER_NAME, SERIAL = f"{MIB2}.43.5.1.1.16.1", f"{MIB2}.43.5.1.1.17.1"
PROCESS_COLORANTS = f"{MARKER}.6.1.1"
SPEED_UNIT, SPEED = f"{MIB2}.43.13.4.1.2.1.1", f"{MIB2}.43.13.4.1.4.1.1"
PORT_NAME, PORT_DEVICE_ID = "1.3.6.1.4.1.2699.1.2.1.2.1.1.2.1", "1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1"
INTERFACE_TYPE, INTERFACE_ADDRESS = f"{MIB2}.2.2.1.3", f"{MIB2}.2.2.1.6"
FIRST_INTERFACES = range(1, 5)
SPEEDS_PER_MINUTE = {5: 1.0, 6: 1.0, 8: 1.0, 15: 1.0, 7: 1 / 60, 16: 1 / 60}
"""PrtMediaPathMaxSpeedPrintUnitTC: lines, characters, sheets and impressions a minute, some an hour."""
FEWEST_COLORANTS = 3
MAC_OCTETS = 6


def device_id_of(text: str) -> Mapping[str, str]:
    """The fields of an IEEE 1284 device id by their names in capitals; long names are shortened."""
    short = {"MANUFACTURER": "MFG", "MODEL": "MDL", "DESCRIPTION": "DES", "SERN": "SN", "SERIALNUMBER": "SN"}
    fields: dict[str, str] = {}
    for part in text.split(";"):
        name, colon, value = part.partition(":")
        key = name.strip().upper()
        if colon and known(value):
            fields.setdefault(short.get(key, key), known(value))
    return fields


def vendor_of(values: Values) -> Vendor:
    """Whose agent answers: by sysObjectID, or by how descriptions begin; `NO_VENDOR` where neither is known."""
    by_id = vendor_of_object_id(str(values.get(OBJECT_ID, "")))
    return by_id or vendor_of_name(*_names(values)) or NO_VENDOR


def identity_of(values: Values, vendor: Vendor, device: str, supplies: Sequence[Supply]) -> Identity:
    """The identity out of all values that were asked for."""
    device_id = _device_id(values, vendor)
    described = _from_description(text_of(values.get(DESCRIPTION)), vendor)
    named = _model_text(values, vendor, device, device_id, described)
    brand = vendor_of_name(device_id.get("MFG", ""), named, *_names(values)) or vendor
    firmware = re.search(vendor.firmware_pattern, _first(values, vendor.firmware))
    uptime = number_of(values.get(UPTIME))
    return Identity(
        manufacturer=brand.name or device_id.get("MFG", "") or named.partition(" ")[0],
        model=model_name(model_name(named, brand), vendor) or named,
        serial_number=_first(values, (SERIAL, *vendor.serial))
        or device_id.get("SN", "")
        or described.get("serial", ""),
        host_name=_first(values, (HOST_NAME, *vendor.host_name)),
        mac=_mac(values),
        description=text_of(values.get(DESCRIPTION)),
        location=text_of(values.get(LOCATION)),
        contact=text_of(values.get(CONTACT)),
        asset_tag=_first(values, vendor.asset_tag),
        firmware_level=firmware[1].strip() if firmware else described.get("firmware", ""),
        framework_version=_first(values, vendor.framework),
        system_object_id=str(values.get(OBJECT_ID, "")),
        is_colour=_is_colour(values, supplies),
        pages_per_minute=_pages_per_minute(values),
        uptime=timedelta(milliseconds=uptime * 10) if uptime is not None and 0 <= uptime <= LONGEST_TICKS else None,
    )


def _model_text(
    values: Values, vendor: Vendor, device: str, device_id: Mapping[str, str], described: Mapping[str, str]
) -> str:
    """The first place that names the model; the name of the printer comes late, because administrators change it."""
    places = (
        _first(values, vendor.model),
        device_id.get("MDL", ""),
        described.get("model", ""),
        known(text_of(values.get(f"{HR_DEVICE}.3.{device}"))),
        device_id.get("DES", ""),
        known(text_of(values.get(PORT_NAME))),
        known(text_of(values.get(PRINTER_NAME))),
        known(text_of(values.get(DESCRIPTION))),
    )
    return next(filter(None, places), "")


def _names(values: Values) -> tuple[str, ...]:
    """Texts that often begin with the maker's name."""
    return tuple(text_of(values.get(oid)) for oid in (DESCRIPTION, f"{HR_DEVICE}.3.1", PORT_NAME, PRINTER_NAME))


def _device_id(values: Values, vendor: Vendor) -> Mapping[str, str]:
    return device_id_of(_first(values, (PORT_DEVICE_ID, *vendor.device_id)))


def _from_description(text: str, vendor: Vendor) -> Mapping[str, str]:
    """Model, firmware and serial number by the vendor's patterns, then by those for any vendor."""
    found: dict[str, str] = {}
    for pattern in (*vendor.description, *NO_VENDOR.description):
        if match := re.search(pattern, text):
            found = {name: value.strip() for name, value in match.groupdict().items() if value} | found
    return found


def _first(values: Values, oids: Iterable[str]) -> str:
    return next(filter(None, (known(text_of(values.get(oid))) for oid in oids)), "")


def _mac(values: Values) -> str:
    """The hardware address of the first interface that has one."""
    for oid, value in values.items():
        is_address = oid.startswith(f"{INTERFACE_ADDRESS}.") and isinstance(value, bytes)
        if is_address and isinstance(value, bytes) and len(value) == MAC_OCTETS and any(value):
            return value.hex(":")
    return ""


def _is_colour(values: Values, supplies: Sequence[Supply]) -> bool | None:
    """By the number of colours that are mixed, or by those of the toner or ink."""
    colorants = number_of(values.get(PROCESS_COLORANTS)) or 0
    if colorants > 0:
        return colorants >= FEWEST_COLORANTS
    colours = {one.colour for one in supplies if one.kind in (SupplyKind.TONER, SupplyKind.INK) and one.colour}
    return bool(colours - {"black"}) if colours else None


def _pages_per_minute(values: Values) -> int | None:
    speed, unit = number_of(values.get(SPEED)) or 0, number_of(values.get(SPEED_UNIT)) or 0
    factor = SPEEDS_PER_MINUTE.get(unit)
    pages = round(speed * factor) if factor else 0
    return pages if 0 < pages <= FASTEST else None
