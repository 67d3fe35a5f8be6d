"""Which agent calls at /agent/v1: it shows the credential that activation gave it. Attempts are counted by address."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request

from connectors.errors import PressroomError
from fleet.agents import activation
from fleet.agents.activation import CREDENTIAL_REFUSED, CallingAgent, agent_of_credential
from fleet.enrolment import native
from portal_api.sign_in import FailureCount, client_address

attempts = FailureCount()
"""Failed attempts at codes and credentials by network address."""


def calling_agent(request: Request) -> CallingAgent:
    """Who calls; raises `CREDENTIAL_REFUSED`, or `TOO_MANY_SIGN_INS` after many that were refused."""
    with counted(request):
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not credential:
            raise CREDENTIAL_REFUSED()
        return agent_of_credential(credential.strip())


@contextmanager
def counted(request: Request) -> Iterator[None]:
    """A block in which a code or credential is looked at."""
    address = client_address(request)
    attempts.check(address)
    try:
        yield
    except PressroomError as error:
        if error.fault in (CREDENTIAL_REFUSED, activation.UNKNOWN_CODE, native.UNKNOWN_CODE, native.UNKNOWN_TICKET):
            attempts.add(address)
        raise


Caller = Annotated[CallingAgent, Depends(calling_agent)]
"""An agent that has shown its credential."""
