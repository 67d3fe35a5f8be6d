"""What a scanned file is called (SCAN-43, SCAN-50…SCAN-52)."""

from datetime import datetime

from domain.scan_destinations.definition import LONGEST_FILE_NAME, DestinationDefinition, sound_file_name

STAMP = "_%Y%m%d_%H%M%S"


def file_stem(definition: DestinationDefinition, typed: str, moment: datetime) -> str:
    """The name without its extension: what was typed where that is allowed, else the template, with the time stamp.

    `moment` is in the printer's local time. Raises `FILE_NAME` for a typed name that is not sound.
    """
    name = sound_file_name(typed) if typed.strip() and definition.allow_file_name else definition.file_name
    stamp = moment.strftime(STAMP) if definition.append_time else ""
    return name[: LONGEST_FILE_NAME - len(stamp)] + stamp
