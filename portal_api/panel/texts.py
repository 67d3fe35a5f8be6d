"""The texts of the panel's pages: what `static/*.js` marks with `t("…")`, in one language, for the pages to keep."""

import json
import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from domain.texts.catalogue import translations

STATIC = Path(__file__).parent / "static"
MARKED = re.compile(r'\bt\(\s*"((?:[^"\\]|\\.)*)"')


@lru_cache(maxsize=1)
def templates() -> tuple[str, ...]:
    """Every text of the pages, once."""
    found = (
        json.loads(f'"{text}"')
        for path in sorted(STATIC.glob("*.js"))
        for text in MARKED.findall(path.read_text(encoding="utf-8"))
    )
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=16)
def texts(locale: str) -> str:
    """The texts by their templates as JSON; those without a translation are left out."""
    known = translations(locale)
    return json.dumps({one: known[one] for one in templates() if one in known}, ensure_ascii=False)


@lru_cache(maxsize=1)
def version() -> str:
    """Changes with any file of the pages and any text, so that browsers may keep what they have until then."""
    digest = sha256()
    for path in sorted(STATIC.iterdir()):
        digest.update(path.read_bytes())
    for locale in ("sv", "en"):
        digest.update(texts(locale).encode())
    return digest.hexdigest()[:12]
