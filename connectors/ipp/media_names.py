"""Older names of paper sizes as self-describing ones (PWG 5101.1): those of RFC 2911, and those of PPD files.

Programs without a driver still use them; a raw queue of CUPS hands on `media=A4` or `media=Letter` as it was typed.
"""

import re

_OLDER = {
    **{f"iso_a{number}_{size}mm": (f"iso-a{number}", f"a{number}") for number, size in enumerate(
        ("841x1189", "594x841", "420x594", "297x420", "210x297", "148x210", "105x148", "74x105", "52x74", "37x52",
         "26x37"))},
    **{f"iso_b{number}_{size}mm": (f"iso-b{number}", f"isob{number}") for number, size in enumerate(
        ("1000x1414", "707x1000", "500x707", "353x500", "250x353", "176x250", "125x176", "88x125", "62x88", "44x62",
         "31x44"))},
    **{f"jis_b{number}_{size}mm": (f"jis-b{number}", f"b{number}", f"jisb{number}", f"b{number}jis")
       for number, size in enumerate(
        ("1030x1456", "728x1030", "515x728", "364x515", "257x364", "182x257", "128x182", "91x128", "64x91", "45x64",
         "32x45"))},
    **{f"iso_c{number}_{size}mm": (f"iso-c{number}", f"c{number}", f"envc{number}") for number, size in (
        (3, "324x458"), (4, "229x324"), (5, "162x229"), (6, "114x162"))},
    "iso_dl_110x220mm": ("iso-designated-long", "designated-long", "envdl", "dl"),
    "jpn_hagaki_100x148mm": ("postcard", "hagaki"),
    "jpn_oufuku_148x200mm": ("doublepostcard", "oufuku"),
    "na_10x13_10x13in": ("na-10x13-envelope", "10x13"),
    "na_10x14_10x14in": ("na-10x14", "10x14"),
    "na_5x7_5x7in": ("na-5x7", "5x7"),
    "na_6x9_6x9in": ("na-6x9-envelope", "6x9"),
    "na_9x12_9x12in": ("na-9x12-envelope", "9x12"),
    "na_executive_7.25x10.5in": ("na-executive", "executive"),
    "na_foolscap_8.5x13in": ("na-foolscap", "foolscap", "fanfoldgermanlegal"),
    "na_govt-letter_8x10in": ("na-8x10", "8x10"),
    "na_index-3x5_3x5in": ("na-3x5", "3x5"),
    "na_index-4x6_4x6in": ("na-4x6", "4x6"),
    "na_index-5x8_5x8in": ("na-5x8", "5x8"),
    "na_invoice_5.5x8.5in": ("na-invoice", "invoice", "statement"),
    "na_ledger_11x17in": ("na-ledger", "ledger", "tabloid"),
    "na_legal_8.5x14in": ("na-legal", "legal"),
    "na_letter_8.5x11in": ("na-letter", "letter"),
    "na_monarch_3.875x7.5in": ("monarch-envelope", "monarch", "envmonarch"),
    "na_number-9_3.875x8.875in": ("na-number-9-envelope", "env9"),
    "na_number-10_4.125x9.5in": ("na-number-10-envelope", "env10", "com10"),
    "na_quarto_8.5x10.83in": ("quarto",),
    "om_folio_210x330mm": ("folio",),
}  # fmt: skip
_NAMES = {older: name for name, all_older in _OLDER.items() for older in all_older}
_SHADES = re.compile(r"-(white|colored|transparent)$")
_VARIANTS = re.compile(r"(\.\w+|small|rotated)$")
"""What PPD files append for the same paper: `A4.Fullbleed`, `LetterSmall`, `A4Rotated`."""
_CUSTOM = re.compile(r"custom\.(\d{1,5}(?:\.\d{1,4})?)x(\d{1,5}(?:\.\d{1,4})?)(pt|in|ft|cm|mm|m)?$")
_MILLIMETRES = {"pt": 25.4 / 72, "in": 25.4, "ft": 304.8, "cm": 10.0, "mm": 1.0, "m": 1000.0}


def standard_medium(name: str) -> str | None:
    """The self-describing name for an older one, in whatever case; None for a name that is not one of them."""
    asked = name.strip().lower()
    if custom := _CUSTOM.match(asked):
        factor = _MILLIMETRES[custom[3] or "pt"]
        size = "x".join(f"{float(custom[edge]) * factor:.2f}".rstrip("0").rstrip(".") for edge in (1, 2))
        return f"custom_{size}mm_{size}mm"
    return _NAMES.get(asked) or _NAMES.get(_SHADES.sub("", asked)) or _NAMES.get(_VARIANTS.sub("", asked))
