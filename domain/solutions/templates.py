"""Ready-made solutions that newcomers can start from."""

from connectors.messages import N_
from domain.solutions.definition import SolutionDefinition

TEMPLATES: tuple[SolutionDefinition, ...] = tuple(
    SolutionDefinition.model_validate({"name": name, "description": description, "steps": steps})
    for name, description, steps in (
        (
            N_("Scan to searchable PDF"),
            N_("Makes the text of a scan searchable and offers the PDF for download."),
            [{"kind": "ocr", "parameters": {"output_type": "pdf"}}, {"kind": "download"}],
        ),
        (
            N_("Redact personal data"),
            N_("Reads a scan, removes names, numbers and addresses, adds a footer and offers the result for download."),
            [
                {"kind": "ocr", "parameters": {"output_type": "docx"}},
                {
                    "kind": "redact",
                    "parameters": {"pii": ["PERSON", "PHONE_NUMBER", "EMAIL_ADDRESS", "IBAN_CODE", "CREDIT_CARD"]},
                },
                {"kind": "footer", "parameters": {"text": "{solution} · {date} · {page}/{pages}"}},
                {"kind": "download"},
            ],
        ),
        (
            N_("Translate to Spanish and send to me"),
            N_("Translates a document to Spanish, mails it to you and offers it for download."),
            [
                {"kind": "translate", "parameters": {"target_languages": ["es"]}},
                {"kind": "email", "parameters": {"send_me_a_copy": True}},
                {"kind": "download"},
            ],
        ),
        (
            N_("Scan to my print queue"),
            N_("Makes the scan searchable and holds it in your print queue until you release it at a printer."),
            [{"kind": "ocr", "parameters": {"output_type": "pdf"}}, {"kind": "print_queue"}],
        ),
    )
)
