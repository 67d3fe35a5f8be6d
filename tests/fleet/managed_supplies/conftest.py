"""A partner with a supplies programme, its customer, and their mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.mail_server import Mailbox, mail_server
from tests.support.supplies import SuppliesWorld, supplies_world


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, mailbox: Mailbox) -> Iterator[SuppliesWorld]:
    mailbox.envelopes.clear()
    with supplies_world(tmp_path, smtp_host="127.0.0.1", smtp_port=str(mailbox.port), smtp_tls="none") as one:
        yield one
