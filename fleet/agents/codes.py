"""Codes that people carry from one place to another: made, written and compared without regard to case and dashes."""

import re
import secrets

from connectors.secrets import fingerprint

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without what is easily mistaken for something else."""
GROUP = 4


def new_code(groups: int) -> str:
    """A code such as `7KQM-2H9X-PD4W`: 20 bits for each group."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(groups))


def code_fingerprint(purpose: str, code: str) -> str:
    """By what a code is found again; codes of different purposes never match."""
    return fingerprint(f"code {purpose}", re.sub(r"[^A-Z0-9]", "", code.upper()))
