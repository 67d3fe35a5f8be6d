"""Whether a text such as `www.example.co.uk/path` begins with a host name under a public suffix.

`tldextract` (a dependency of Presidio) carries a snapshot of the public suffix list; left to itself it would fetch a
newer one from the Internet.
"""

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def _snapshot() -> Any:
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def is_valid(address: str) -> bool:
    """Whether `address` has a name in front of a public suffix."""
    parts = _snapshot()(address)
    return bool(parts.domain and parts.suffix)
