"""How a device says no: a status, a stable code and a reason in one sentence."""


class Refusal(Exception):
    """The device does not do what it was asked; nothing has changed. `status` is the HTTP status of the answer."""

    def __init__(self, status: int, code: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.code = code
        self.reason = reason


def not_supported(what: str) -> Refusal:
    """The model, its framework or its firmware has no such thing (FL-43)."""
    return Refusal(422, "not_supported", f"This printer does not support {what}.")
