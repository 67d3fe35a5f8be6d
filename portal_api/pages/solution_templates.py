"""Ready-made solutions to begin with; they open in the composer and are saved only there."""

from dataclasses import dataclass

from connectors.messages import N_
from domain.solutions.definition import SolutionDefinition, StepDefinition
from portal_api.pages.words import _


@dataclass(frozen=True, slots=True)
class SolutionTemplate:
    """A ready-made solution; its texts are translated when it is opened."""

    key: str
    name: str
    description: str
    steps: tuple[StepDefinition, ...]


TEMPLATES = (
    SolutionTemplate(
        "searchable-pdf",
        N_("Scan to searchable PDF"),
        N_("Reads the text of a scan and gives back a PDF in which you can search and copy."),
        (StepDefinition(kind="ocr", parameters={"output_type": "pdf"}), StepDefinition(kind="download")),
    ),
    SolutionTemplate(
        "redact-and-send",
        N_("Redact and send"),
        N_("Reads a scan, removes personal data, adds a footer, and sends the result by e-mail."),
        (
            StepDefinition(kind="ocr", parameters={"output_type": "docx"}),
            StepDefinition(
                kind="redact",
                parameters={"pii": ["PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER", "IBAN_CODE", "CREDIT_CARD"]},
            ),
            StepDefinition(kind="footer", parameters={"text": "{solution} · {date} · {page}/{pages}"}),
            StepDefinition(kind="email", parameters={"send_me_a_copy": True}),
            StepDefinition(kind="download"),
        ),
    ),
    SolutionTemplate(
        "translate-to-spanish",
        N_("Translate to Spanish"),
        N_("Translates a document and keeps its formatting."),
        (
            StepDefinition(kind="translate", parameters={"source_language": "en", "target_languages": ["es"]}),
            StepDefinition(kind="download"),
        ),
    ),
)


def template(key: str) -> SolutionDefinition | None:
    """The ready-made solution of that key in the reader's language, or None."""
    for one in TEMPLATES:
        if one.key == key:
            return SolutionDefinition(name=_(one.name), description=_(one.description), steps=one.steps)
    return None
