"""How originals are scanned (SCAN-82…SCAN-90): the values that destinations, solutions and orders share."""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from connectors.messages import N_

ColorMode = Literal["auto", "color", "grayscale", "black_and_white"]
ContentType = Literal["text", "text_photo", "photo", "graphics"]
OriginalSize = Literal["auto", "A3", "A4", "A5", "A6", "B5", "Letter", "Legal", "Executive", "Ledger", "Mixed"]
Sides = Literal["one_sided", "two_sided_long_edge", "two_sided_short_edge"]
Resolution = Literal[75, 150, 200, 300, 400, 600]
Contrast = Annotated[
    Literal["best", -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5],
    # Generators of API clients cannot make an enumeration of words and numbers.
    WithJsonSchema({"anyOf": [{"type": "string", "enum": ["best"]}, {"type": "integer", "minimum": -5, "maximum": 5}]}),
]
SIZES_MM: dict[str, tuple[int, int]] = {
    "A3": (297, 420),
    "A4": (210, 297),
    "A5": (148, 210),
    "A6": (105, 148),
    "B5": (182, 257),
    "Letter": (216, 279),
    "Legal": (216, 356),
    "Executive": (184, 267),
    "Ledger": (279, 432),
}
"""Width and height of originals, upright; B5 as JIS has it."""


class FileFormat(StrEnum):
    """What a scan becomes (SCAN-88); `DOCX` by recognising its text first, in solutions only (SCAN-92)."""

    PDF = "PDF"
    TIFF = "TIFF"
    JPEG = "JPEG"
    DOCX = "DOCX"


class ScanSettings(BaseModel):
    """The settings of a scan (SCAN-82…SCAN-90). What a printer cannot do it leaves out and reports (SCAN-81).

    `source` is where the originals lie; with `auto` the printer takes the feeder if there is something in it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    preview: bool = Field(False, title=N_("Enable scan preview if the printer supports it"))
    color_mode: ColorMode = Field("auto", title=N_("Color mode"))
    content_type: ContentType = Field("text", title=N_("Content type"))
    original_size: OriginalSize = Field("auto", title=N_("Original size"))
    sides: Sides = Field("one_sided", title=N_("Sides"))
    resolution: Resolution = Field(300, title=N_("Resolution (dpi)"))
    file_format: FileFormat = Field(FileFormat.PDF, title=N_("File format"))
    custom_job: bool = Field(False, title=N_("Enable custom scan job"))
    contrast: Contrast = Field("best", title=N_("Contrast"))
    source: Literal["auto", "feeder", "glass"] = Field("auto", title=N_("Where the original is"))

    @classmethod
    def of(cls, values: BaseModel, **others: Any) -> Self:
        """These settings out of a larger model that has fields of the same names, such as that of a solution."""
        shared = {name: getattr(values, name) for name in cls.model_fields if name in type(values).model_fields}
        return cls.model_validate({**shared, **others})
