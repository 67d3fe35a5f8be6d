"""Making app packages, firmware images and settings bundles, for tests and for trying things out."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping

from printers_sim.device.bundles import KIND, LOGIN_METHODS
from printers_sim.device.catalogue import Value
from printers_sim.device.package import IMAGE, MANIFEST


def app_package(
    app_id: str, name: str, version: str, min_framework: str = "", settings: Mapping[str, Value] | None = None
) -> bytes:
    """An app package (`.fls`); `settings` are those the app declares, with their defaults."""
    manifest = {"kind": "app", "id": app_id, "name": name, "version": version, "min_framework": min_framework}
    return _zipped(
        {MANIFEST: _json(manifest | {"settings": dict(settings or {})}), "app.bin": f"{app_id} {version}".encode()}
    )


def firmware_image(level: str, models: Iterable[str], size: int = 100_000) -> bytes:
    """A firmware image (`.fls`) of that level for those models, with `size` bytes of content."""
    seed = hashlib.sha256(level.encode()).digest()
    image = (seed * (size // len(seed) + 1))[:size]
    digest = hashlib.sha256(image).hexdigest()
    manifest = {"kind": "firmware", "level": level, "models": list(models), "sha256": digest}
    return _zipped({MANIFEST: _json(manifest), IMAGE: image}, zipfile.ZIP_STORED)


def settings_bundle(
    models: Iterable[str] = (),
    settings: Mapping[str, Value] | None = None,
    login_methods: object = None,
    apps: Iterable[bytes] = (),
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """A settings bundle (`.zip`); without `models` it fits any. `files` are certificates, licences and the like."""
    parts = {MANIFEST: _json({"kind": KIND, "models": list(models)})}
    if settings:
        parts["settings.ucf"] = settings_file(settings).encode()
    if login_methods is not None:
        parts[LOGIN_METHODS] = _json(login_methods)
    parts |= {f"apps/{number}.fls": app for number, app in enumerate(apps, 1)}
    return _zipped(parts | dict(files or {}))


def settings_file(settings: Mapping[str, Value], model: str = "") -> str:
    """A flat settings file (`.ucf`), for one model or for any."""
    head = [f"# model: {model}"] if model else []
    lines = [f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in settings.items()]
    return "\n".join(head + lines) + "\n"


def _json(content: object) -> bytes:
    return json.dumps(content, indent=2).encode()


def _zipped(parts: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()
