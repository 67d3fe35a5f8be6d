"""Whether a domain that is proven answers for the one that people see in From: (DMARC; PR-143).

Organizational domains are found by walking up the tree of names, as the revision of DMARC (draft-ietf-dmarc-dmarcbis)
has it: no list of public suffixes is needed, and eight questions a domain are enough.
"""

from dataclasses import dataclass

from connectors.mail_in.names import Names

MOST_STEPS = 8


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """What a domain says: whether signatures (`is_dkim_strict`) and senders (`is_spf_strict`) must be of the very
    domain, and whether it is one under which others register theirs (`is_public`; None: not said).
    """

    is_dkim_strict: bool
    is_spf_strict: bool
    is_public: bool | None


def is_within(domain: str, proven: str) -> bool:
    """Whether `proven` answers for `domain`: it is the same, or one above it with a dot of its own."""
    return domain == proven or ("." in proven and domain.endswith(f".{proven}"))


def is_aligned(domain: str, proven: str, names: Names, *, by_signature: bool) -> bool:
    """Whether mail of `proven` is mail of `domain`, by what `domain` demands; raises `NamesUnreachable`.

    Where it demands nothing, a domain counts for itself and for those below it.
    """
    if not proven or domain == proven:
        return bool(proven)
    walked = _walk(domain, names)
    if not walked:
        return is_within(domain, proven)
    organization = _highest(domain, walked)
    holds = walked.get(domain) or walked.get(organization) or list(walked.values())[-1]
    if holds.is_dkim_strict if by_signature else holds.is_spf_strict:
        return False
    return organization == _highest(proven, _walk(proven, names))


def _walk(domain: str, names: Names) -> dict[str, DmarcRecord]:
    """The records of a domain and those above it, up to the one that says it is the organization's."""
    labels, found = domain.split("."), dict[str, DmarcRecord]()
    steps = [domain] + [".".join(labels[start:]) for start in range(max(1, len(labels) - MOST_STEPS + 1), len(labels))]
    for name in steps:
        record = _record(names.texts(f"_dmarc.{name}"))
        if record is not None:
            found[name] = record
            if record.is_public is False:
                break
            if record.is_public and name != domain:
                break
    return found


def _highest(domain: str, walked: dict[str, DmarcRecord]) -> str:
    """The organization's domain: what says so, what is right below a public one, else the highest that has a record."""
    if not walked:
        return domain
    name, record = list(walked.items())[-1]
    if record.is_public and name != domain:
        return ".".join(domain.split(".")[-(name.count(".") + 2) :])
    return name


def _record(texts: list[bytes]) -> DmarcRecord | None:
    """The one record; several count as none."""
    found = [tags for text in texts if (tags := _tags(text)) and tags[0] == ("v", "dmarc1")]
    if len(found) != 1:
        return None
    said = dict(found[0])
    public = {"y": True, "n": False}.get(said.get("psd", "u"))
    return DmarcRecord(said.get("adkim") == "s", said.get("aspf") == "s", public)


def _tags(text: bytes) -> list[tuple[str, str]]:
    pieces = [piece.partition("=") for piece in text.decode("ascii", "replace").split(";")]
    return [(name.strip().lower(), value.strip().lower()) for name, mark, value in pieces if mark]
