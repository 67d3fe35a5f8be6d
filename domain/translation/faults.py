"""What keeps a document from being translated as it was asked for."""

from connectors.errors import Fault
from connectors.messages import N_

FOOTER_NEEDS_DOCX = Fault(
    "translation.footer_needs_docx",
    415,
    N_("“{name}” is no Word document (.docx): your organization adds a footer to every translation, which takes one."),
    N_("Hand in a .docx file, or have a Translation Administrator switch the footer off."),
    spec="TR-E05",
)
FOOTER_FRENCH_CANADA = Fault(
    "translation.footer_french_canada",
    422,
    N_("What is translated from French (Canada) is no Word document, and your organization's footer takes one."),
    N_("Choose another source language, or have a Translation Administrator switch the footer off."),
    spec="TR-E06",
)
QUEUE_NOT_OFFERED = Fault(
    "translation.queue_not_offered",
    403,
    N_("Translations cannot be sent to the print queue in your organization."),
    N_("It takes cloud print release and an identity provider of the organization. Choose download or e-mail."),
    spec="TR-E10",
)
NOT_PRINTABLE = Fault(
    "translation.not_printable",
    415,
    N_("A translation of “{name}” cannot be printed: it is of the kind {media_type}."),
    N_("Choose download or e-mail."),
    spec="TR-34",
)
