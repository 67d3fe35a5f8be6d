"""The reference parts of the documentation, written from the code itself: settings, errors, and the steps' values.

`scripts/update-docs` calls `update`; a test sees to it that the files say what the code says.
"""

import inspect
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from connectors.errors import Fault, declared_faults
from connectors.settings import Settings
from steps.contract import StepKind
from steps.registry import step_kinds

ROOMS = ("connectors", "steps", "domain", "fleet", "flows", "portal_api", "printers_sim", "pressroom")
"""Every room but the tests and the benchmarks."""

NOT_IMPORTABLE = re.compile(r"domain\.migrations\.env$|\.__main__$")
"""Scripts that another program runs: Alembic's environment, and `python -m`."""

SECTION = re.compile(r"^    # --- (?P<title>.+)$|^    (?P<field>\w+): ")
ERRORS_HEAD = """\
# Errors

<!-- Written by scripts/update-docs from the code. Do not edit by hand. -->

Every error that people may meet has a stable code. The API answers it as a problem by RFC 9457 with this `code`, the
portal and the command line show the message and the remedy, and the logs carry the code. Words in `{braces}` are
filled in. “Repeated” marks errors that may pass by themselves: a step that meets one is repeated with growing pauses
(`PRESSROOM_STEP_RETRIES`). “Spec” is the number of the requirement.
"""


def update(docs: Path) -> list[Path]:
    """Bring the files in the folder `docs` up to date; returns those that were not."""
    stale = []
    for path, text in current(docs).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            stale.append(path)
    return stale


def current(docs: Path) -> Mapping[Path, str]:
    """What the files that hold reference parts should say. Imports every module of the rooms."""
    operations, steps = docs / "operations.md", docs / "steps.md"
    with_settings = _with_part(operations.read_text(encoding="utf-8"), "settings", settings_tables())
    with_values = steps.read_text(encoding="utf-8")
    for kind in step_kinds().values():
        if f"<!-- values of {kind.name} -->" in with_values:
            with_values = _with_part(with_values, f"values of {kind.name}", values_table(kind))
    return {operations: with_settings, steps: with_values, docs / "errors.md": errors_page()}


def module_names() -> list[str]:
    """Every module of the rooms that can be imported, in dotted form."""
    names = list(ROOMS)
    for room in ROOMS:
        package = import_module(room)
        names += [module.name for module in pkgutil.walk_packages(package.__path__, f"{room}.")]
    return [name for name in names if not NOT_IMPORTABLE.search(name)]


def settings_tables() -> str:
    """One table for each section of the settings model."""
    parts = []
    for title, names in _sections().items():
        rows = [_setting_row(name, Settings.model_fields[name]) for name in names]
        parts.append(f"### {title.capitalize()}\n\n" + _table(("Setting", "Value", "Default", "Meaning"), rows))
    return "\n".join(parts)


def errors_page() -> str:
    """The whole of errors.md: a table for each first part of the codes."""
    for name in module_names():
        import_module(name)
    groups: dict[str, list[Fault]] = defaultdict(list)
    for code, fault in sorted(declared_faults().items()):
        groups[code.partition(".")[0]].append(fault)
    parts = [ERRORS_HEAD]
    for group, faults in groups.items():
        rows = [
            (f"`{fault.code}`", str(fault.status), fault.message, fault.remedy, _repeated(fault), fault.spec)
            for fault in faults
        ]
        parts.append(f"## {group}\n\n" + _table(("Code", "Status", "Message", "What to do", "Repeated", "Spec"), rows))
    return "\n".join(parts)


def values_table(kind: StepKind[Any]) -> str:
    """What can be chosen for a step."""
    properties: dict[str, dict[str, Any]] = kind.parameters.model_json_schema().get("properties", {})
    if not properties:
        return "This step has nothing to choose.\n"
    rows = [
        (f"`{name}`", _limits(schema), _default(schema.get("default")), schema.get("description", ""))
        for name, schema in properties.items()
    ]
    return _table(("Value", "Takes", "Default", "Meaning"), rows)


def _with_part(text: str, name: str, content: str) -> str:
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, found, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"the document has no part between {begin} and {end}")
    return f"{before}{begin}\n\n{content}\n{end}{after}"


def _sections() -> dict[str, list[str]]:
    """Names of settings by the titles under which the model lists them."""
    sections: dict[str, list[str]] = {}
    names = sections.setdefault("the installation", [])
    for line in inspect.getsource(Settings).splitlines():
        match = SECTION.match(line)
        if match and match["title"]:
            names = sections.setdefault(match["title"], [])
        elif match and match["field"] in Settings.model_fields:
            names.append(match["field"])
    return sections


def _setting_row(name: str, field: FieldInfo) -> tuple[str, ...]:
    return f"`PRESSROOM_{name.upper()}`", _kind_of(field), _default_of(name, field), field.description or ""


def _kind_of(field: FieldInfo) -> str:
    annotation = field.annotation
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(annotation))
    if get_origin(annotation) is tuple:
        return "list"
    names = {bool: "`true`, `false`", int: "whole number", float: "number", str: "text", SecretStr: "secret"}
    known = next((text for type_, text in names.items() if annotation is type_), "path")
    return " ".join((known, *_bounds(field)))


def _bounds(field: FieldInfo) -> Iterator[str]:
    for bound in field.metadata:
        for type_, words in ((Ge, "from {}"), (Gt, "above {}"), (Le, "to {}"), (Lt, "below {}")):
            if isinstance(bound, type_):
                limit = getattr(bound, type_.__name__.lower())
                yield words.format(f"{limit:,}" if limit >= 100_000 else limit)


def _default_of(name: str, field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "number of cores"
    if name == "secret_key":
        return "made at the first start"
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    return _default(list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Path) else value)


def _default(value: object) -> str:
    if value is None or value in ("", []):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{','.join(map(str, value)) if isinstance(value, list) else value}`"


def _limits(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{choice}`" for choice in schema["enum"])
    words = {"boolean": "`true`, `false`", "integer": "whole number", "array": "list", "string": "text"}
    limits = {
        "minimum": "from {}",
        "maximum": "to {}",
        "maxLength": "up to {} characters",
        "maxItems": "up to {} entries",
    }
    parts = [words[schema["type"]]] + [text.format(schema[name]) for name, text in limits.items() if name in schema]
    return " ".join(parts)


def _repeated(fault: Fault) -> str:
    return "yes" if fault.transient else ""


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *(tuple(map(_cell, row)) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
