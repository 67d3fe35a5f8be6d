"""One's own data, to take away (AC-199)."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from domain.people.own_data import own_data
from portal_api.access import Anyone

router = APIRouter(prefix="/me", tags=["me"])


@router.get("/data-export", operation_id="export_own_data", response_model=dict[str, Any])
def export_own_data(actor: Anyone) -> JSONResponse:
    """Everything that is kept of the actor: profile, groups, roles, badges without numbers, sessions, runs."""
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"', "Cache-Control": "no-store"}
    return JSONResponse(own_data(actor), headers=headers)
