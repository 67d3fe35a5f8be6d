"""Documents translated with the real engine."""

from pathlib import Path

from steps.local_context import LocalContext
from steps.translate import TranslateStep, translate


def translated(context: LocalContext, path: Path, media_type: str, target: str = "es") -> Path:
    document = context.take_in(path, media_type)
    result = translate(document, TranslateStep(source_language="en", target_languages=(target,)), context)
    return context.fetch(result.documents[0])


def text_file(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
