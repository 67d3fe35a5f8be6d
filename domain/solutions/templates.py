"""Ready-made solutions that newcomers can start from."""

from dataclasses import dataclass

from connectors.messages import N_
from domain.solutions.definition import SolutionDefinition, StepDefinition


@dataclass(frozen=True, slots=True)
class SolutionTemplate:
    """A ready-made solution; its name and description are translated where it is opened."""

    key: str
    name: str
    description: str
    steps: tuple[StepDefinition, ...]

    @property
    def definition(self) -> SolutionDefinition:
        """The solution in English."""
        return SolutionDefinition(name=self.name, description=self.description, steps=self.steps)


OCR_PDF = StepDefinition(kind="ocr", parameters={"output_type": "pdf"})
OCR_DOCX = StepDefinition(kind="ocr", parameters={"output_type": "docx"})
PERSONAL_DATA = StepDefinition(
    kind="redact", parameters={"pii": ["PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "IBAN_CODE", "CREDIT_CARD"]}
)
FOOTER = StepDefinition(kind="footer", parameters={"text": "{solution} · {date} · {page}/{pages}"})
TO_SPANISH = StepDefinition(kind="translate", parameters={"source_language": "en", "target_languages": ["es"]})
MAIL_TO_ME = StepDefinition(kind="email", parameters={"send_me_a_copy": True})
DOWNLOAD = StepDefinition(kind="download")

TEMPLATES = (
    SolutionTemplate(
        "searchable-pdf",
        N_("Scan to searchable PDF"),
        N_("Reads the text of a scan and gives back a PDF in which you can search and copy."),
        (OCR_PDF, DOWNLOAD),
    ),
    SolutionTemplate(
        "redact-and-send",
        N_("Redact and send"),
        N_("Reads a scan, removes personal data, adds a footer, and sends the result by e-mail."),
        (OCR_DOCX, PERSONAL_DATA, FOOTER, MAIL_TO_ME, DOWNLOAD),
    ),
    SolutionTemplate(
        "translate-to-spanish",
        N_("Translate to Spanish"),
        N_("Translates a document and keeps its formatting."),
        (TO_SPANISH, DOWNLOAD),
    ),
)
