"""DOC, XLS and PPT files (OLE compound files): are they whole, and are they protected by a password?"""

import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from connectors.documents.inspection_faults import DAMAGED_FILE, ENCRYPTED
from connectors.documents.media_types import DOC, ENCRYPTED_OFFICE, PPT, XLS

if TYPE_CHECKING:
    from olefile import OleFileIO

DOC_ENCRYPTED = 0x0100
XLS_FILEPASS = 0x002F
XLS_FIRST_RECORDS = 64
PPT_ENCRYPTED_TOKEN = 0xF3D1C4DF


def examine_compound(path: Path, name: str, media_type: str) -> None:
    """Read every stream once; raises `ENCRYPTED` and `DAMAGED_FILE`."""
    import olefile

    if media_type == ENCRYPTED_OFFICE:
        raise ENCRYPTED(name=name)
    try:
        with olefile.OleFileIO(str(path), raise_defects=olefile.DEFECT_INCORRECT) as compound:
            for entry in compound.listdir():
                with compound.openstream(entry) as stream:
                    stream.read()
            is_protected = PROTECTED.get(media_type, _never)(compound)
    except (OSError, ValueError, IndexError, KeyError, TypeError, struct.error) as exc:
        raise DAMAGED_FILE(name=name) from exc
    if is_protected:
        raise ENCRYPTED(name=name)


def _doc_is_protected(compound: "OleFileIO[str]") -> bool:
    """[MS-DOC] 2.5.2: fEncrypted among the flags at offset 10 of the file information block."""
    head = compound.openstream("WordDocument").read(12)
    return bool(struct.unpack_from("<H", head, 10)[0] & DOC_ENCRYPTED)


def _xls_is_protected(compound: "OleFileIO[str]") -> bool:
    """[MS-XLS] 2.4.117: a FilePass record soon after the first BOF."""
    stream = compound.openstream("Workbook" if compound.exists("Workbook") else "Book")
    for _ in range(XLS_FIRST_RECORDS):
        head = stream.read(4)
        if len(head) < 4:
            return False
        kind, length = struct.unpack("<HH", head)
        if kind == XLS_FILEPASS:
            return True
        stream.seek(length, 1)
    return False


def _ppt_is_protected(compound: "OleFileIO[str]") -> bool:
    """[MS-PPT] 2.3.2: the header token of the current user atom."""
    if not compound.exists("Current User"):
        return False
    head = compound.openstream("Current User").read(16)
    return bool(struct.unpack_from("<I", head, 12)[0] == PPT_ENCRYPTED_TOKEN)


def _never(_compound: "OleFileIO[str]") -> bool:
    return False


PROTECTED: Mapping[str, "Callable[[OleFileIO[str]], bool]"] = MappingProxyType(
    {DOC: _doc_is_protected, XLS: _xls_is_protected, PPT: _ppt_is_protected}
)
