"""The sample documents that a run can be tried with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from connectors.messages import N_
from domain.runs.planning import accepted_types
from domain.solutions.definition import SolutionDefinition
from steps.contract import DOCX, PDF, PNG, TXT
from steps.samples import letter_docx, letter_pdf, letter_txt, scan_pdf, scan_png


@dataclass(frozen=True, slots=True)
class Sample:
    """A document that is made when it is asked for."""

    title: str
    media_type: str
    make: Callable[[Path], Path]


SAMPLES = {
    "scan": Sample(N_("A scanned letter (PNG)"), PNG, scan_png),
    "scan-pdf": Sample(N_("A scanned letter of two pages (PDF)"), PDF, scan_pdf),
    "docx": Sample(N_("A letter (Word)"), DOCX, letter_docx),
    "pdf": Sample(N_("A letter (PDF with text)"), PDF, letter_pdf),
    "txt": Sample(N_("A letter (plain text)"), TXT, letter_txt),
}


def fitting_samples(definition: SolutionDefinition) -> dict[str, Sample]:
    """The samples that the solution takes (SC-98)."""
    accepted = accepted_types(definition)
    return {key: sample for key, sample in SAMPLES.items() if not accepted or sample.media_type in accepted}
