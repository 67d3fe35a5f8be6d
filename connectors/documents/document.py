"""What travels through a run: a reference to a stored document, never its bytes."""

from pydantic import BaseModel, ConfigDict, Field


class Document(BaseModel):
    """A stored document as steps pass it on.

    `key` is its place in the document store and starts with the organization's id; `name` is the file name people
    see; `media_type` was read from the content; `size` is in bytes; `sha256` is the lower-case hex digest that is
    checked at every read; `pages` and `language` (BCP 47) are known once a step has found them out.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    name: str
    media_type: str
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    pages: int | None = Field(default=None, ge=0)
    language: str | None = None
