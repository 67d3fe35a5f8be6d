"""Documents as the API shows them."""

import hashlib
from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, Field

from connectors.documents.document import Document


class DocumentPublic(BaseModel):
    """A stored document."""

    id: str
    name: str
    media_type: str = Field(description="Found out from the content, not from the name.")
    size: int = Field(description="In bytes.")
    sha256: str
    pages: int | None
    language: str | None = Field(description="BCP 47, once a step has found it out.")

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(
            id=document_id(document),
            name=document.name,
            media_type=document.media_type,
            size=document.size,
            sha256=document.sha256,
            pages=document.pages,
            language=document.language,
        )


def document_id(document: Document) -> str:
    """A document's name in addresses: it says nothing of its place in the store."""
    return hashlib.sha256(document.key.encode()).hexdigest()[:32]


def key_of(documents: Iterable[Document], wanted: str) -> str:
    """The place in the store of the document with that id among `documents`; empty where it is none of them."""
    return next((document.key for document in documents if document_id(document) == wanted), "")
