"""Orders as they go over the wire to the one agent that they are for: with their secrets in clear."""

from typing import Any

from pydantic import BaseModel, SecretStr


def revealed(model: BaseModel) -> dict[str, Any]:
    """The model as JSON values, secrets readable; never for logs or for other eyes."""
    found: dict[str, Any] = _plain({name: getattr(model, name) for name in type(model).model_fields})
    return found


def _plain(value: Any) -> Any:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case BaseModel():
            return revealed(value)
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case _ if hasattr(value, "isoformat"):
            return value.isoformat()
        case _:
            return value
