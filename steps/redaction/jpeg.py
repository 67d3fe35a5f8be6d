"""JPEG data without what hides beside the pixels, which stay as they are."""


def without_segments(jpeg: bytes) -> bytes:
    """`jpeg` without application and comment segments, but with those that tell its colours (APP0, APP2, APP14)."""
    if not jpeg.startswith(b"\xff\xd8"):
        return jpeg
    kept, position = bytearray(b"\xff\xd8"), 2
    while position + 4 <= len(jpeg) and jpeg[position] == 0xFF and jpeg[position + 1] != 0xDA:
        marker = jpeg[position + 1]
        length = 2 + int.from_bytes(jpeg[position + 2 : position + 4], "big")
        dropped = marker == 0xFE or (0xE0 <= marker <= 0xEF and marker not in (0xE0, 0xE2, 0xEE))
        if not dropped:
            kept += jpeg[position : position + length]
        position += length
    return bytes(kept) + jpeg[position:]
