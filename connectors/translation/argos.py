"""Argos Translate: neural models from packages, in this process, offline.

`argos-translate-lt` carries the module `argostranslate` without the 5.9 GB that the other distribution pulls in; never
install both. Its sentence splitter would download a model at first use, so ours takes its place.
"""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from connectors.settings import Settings
from connectors.translation.argos_packages import ArgosPackage, install_packages, installed_packages
from connectors.translation.engine import ENGINE_FAILED, Pair, Progress, Translated
from connectors.translation.sentences import SentenceSplitter, halves

SOURCES: Mapping[str, tuple[str, ...]] = {
    "pt": ("pt-PT", "pt-BR"),
    "pb": ("pt-BR",),
    "fr": ("fr", "fr-CA"),
    "zh": ("zh-Hans",),
    "zt": ("zh-Hant",),
    "no": ("nb",),
    "tl": ("fil",),
    "uz": ("uz-Latn",),
    "sr": ("sr-Cyrl",),
    "bs": ("bs-Latn",),
    "mn": ("mn-Cyrl",),
}
"""Our codes for the library's, where they differ. As a target only the first holds: Portuguese is not Brazilian."""

_loading = Lock()


class ArgosEngine:
    """Translates with the packages unpacked below `home`; loaded models are kept as long as the engine."""

    name = "argos"

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home.resolve() / "translation"
        folder = settings.translation_packages
        self.refused = install_packages(folder, self._home / "packages") if folder else []
        self._packages: dict[Pair, ArgosPackage] = {
            Pair(source, SOURCES.get(package.to_code, (package.to_code,))[0]): package
            for package in installed_packages(self._home / "packages")
            for source in SOURCES.get(package.from_code, (package.from_code,))
        }
        self._loaded: dict[Path, Any] = {}

    def pairs(self) -> frozenset[Pair]:
        return frozenset(self._packages)

    def preload(self) -> None:
        """Import the library and load the models; each takes as much memory as its package has on disk."""
        for package in self._packages.values():
            self._model(package).translate("1")

    def translate(self, texts: Sequence[str], source: str, target: str, on_progress: Progress) -> Translated:
        model = self._model(self._packages[Pair(source, target)])
        done = []
        for text in texts:
            done.append(self._translate(model, text, source, target))
            on_progress(len(done))
        return Translated(done)

    def _translate(self, model: Any, text: str, source: str, target: str) -> str:
        """One text, cut in two as often as the model says that it is too long for it."""
        try:
            return str(model.translate(text)).strip()
        except (RuntimeError, ValueError) as exc:
            cut = halves(text)
            if cut is None:
                raise ENGINE_FAILED(engine=self.name, source=source, target=target) from exc
            return " ".join(self._translate(model, half, source, target) for half in cut)

    def _model(self, package: ArgosPackage) -> Any:
        with _loading:
            if package.folder not in self._loaded:
                self._loaded[package.folder] = self._load(package)
            return self._loaded[package.folder]

    def _load(self, package: ArgosPackage) -> Any:
        with _library_folders(self._home):
            from argostranslate.package import Package
            from argostranslate.translate import Language, PackageTranslation
        logging.getLogger("argostranslate.utils").setLevel(logging.WARNING)  # below, it tells every text
        try:
            unpacked = Package(package.folder)
            translation = PackageTranslation(
                Language(package.from_code, unpacked.from_name), Language(package.to_code, unpacked.to_name), unpacked
            )
        except (OSError, RuntimeError, ValueError) as exc:
            raise ENGINE_FAILED(engine=self.name, source=package.from_code, target=package.to_code) from exc
        translation.sentencizer = SentenceSplitter()
        return translation


@contextmanager
def _library_folders(home: Path) -> Iterator[None]:
    """While the library is imported: make it use our folders. It creates three below the user's home otherwise."""
    folders = {
        "ARGOS_PACKAGES_DIR": home / "packages",
        "XDG_DATA_HOME": home / "library",
        "XDG_CONFIG_HOME": home / "library",
        "XDG_CACHE_HOME": home / "library",
    }
    before = {name: os.environ.get(name) for name in folders}
    os.environ.update({name: str(folder) for name, folder in folders.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
