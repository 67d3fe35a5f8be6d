"""The REST API under /api/v1, complete by itself. Its description is at /api/v1/openapi.json."""

from portal_api.api.application import create_api

__all__ = ["create_api"]
