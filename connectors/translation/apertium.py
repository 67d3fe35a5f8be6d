"""Apertium: rule-based translation between related languages, as a separate program of the system (GPL-2.0+)."""

import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from connectors.errors import PressroomError
from connectors.settings import Settings
from connectors.translation.apertium_stream import decode, encode
from connectors.translation.engine import ENGINE_FAILED, ENGINE_TIMEOUT, Pair, Progress, Translated

log = logging.getLogger(__name__)

BATCH_CHARACTERS = 20_000
"""Most characters for one process: short enough for progress and cancelling, long enough that starting is cheap."""

CODES: Mapping[str, tuple[str, ...]] = {
    "en": ("eng", "en"),
    "es": ("spa", "es"),
    "fr": ("fra", "fr"),
    "ca": ("cat", "ca"),
    "it": ("ita", "it"),
    "pt-PT": ("por", "pt", "por_PTpre1990"),
    "pt-BR": ("por_BR", "pt_BR"),
    "ro": ("ron", "ro"),
    "gl": ("glg", "gl"),
    "eu": ("eus", "eu"),
    "sv": ("swe", "sv"),
    "da": ("dan", "da"),
    "nb": ("nob", "nb"),
    "is": ("isl", "is"),
    "de": ("deu", "de"),
    "nl": ("nld", "nl"),
    "af": ("afr", "af"),
    "cy": ("cym", "cy"),
    "mt": ("mlt", "mt"),
    "mk": ("mkd", "mk"),
    "bg": ("bul", "bg"),
    "sl": ("slv", "sl"),
    "hr": ("hrv", "hr"),
    "sr-Latn": ("srp", "sr"),
    "bs-Latn": ("bos", "bs"),
    "pl": ("pol", "pl"),
    "ru": ("rus", "ru"),
    "uk": ("ukr", "uk"),
    "kk": ("kaz", "kk"),
    "tr": ("tur", "tr"),
    "ur": ("urd", "ur"),
    "hi": ("hin", "hi"),
    "id": ("ind", "id"),
    "ms": ("zlm", "ms"),
}
"""Our codes, and how Apertium's modes spell them (ISO 639-3 in newer pairs, 639-1 in older ones), best first."""

ALSO_READS: Mapping[str, tuple[str, ...]] = {"pt-PT": ("pt-BR",), "fr": ("fr-CA",)}
"""Varieties that a mode made for another one reads well enough; it never writes them."""

_OURS = {theirs: ours for ours, spellings in CODES.items() for theirs in spellings}


class ApertiumEngine:
    """Runs `apertium` on the installed pairs; raises `ENGINE_TIMEOUT` after the time set for a call."""

    name = "apertium"

    def __init__(self, settings: Settings) -> None:
        self._program = shutil.which("apertium")
        self._timeout = settings.translation_timeout_seconds

    def pairs(self) -> frozenset[Pair]:
        return frozenset(self._modes)

    def preload(self) -> None:
        """Nothing stays loaded: each call is a process of its own."""

    def translate(self, texts: Sequence[str], source: str, target: str, on_progress: Progress) -> Translated:
        mode = self._modes[Pair(source, target)]
        done: list[str] = []
        unknown = 0
        for batch in _batches(texts):
            answers = self._run(mode, "".join(encode(text) for text in batch)).split("\0")[: len(batch)]
            decoded = [decode(answer, asked) for answer, asked in zip(answers, batch, strict=False)]
            lost = len(decoded) < len(batch) or any(
                asked.strip() and not text.strip() for asked, (text, _) in zip(batch, decoded, strict=True)
            )
            if lost:  # with exit code 0, which some pairs do
                raise ENGINE_FAILED(engine=self.name, source=source, target=target)
            done += [_single_spaced(asked, text) for asked, (text, _) in zip(batch, decoded, strict=True)]
            unknown += sum(count for _, count in decoded)
            on_progress(len(done))
        return Translated(done, unknown)

    @cached_property
    def _modes(self) -> dict[Pair, str]:
        """The installed modes by our pair. `swe-nob` is sv → nb; variants such as `eng-cat_valencia` are left out."""
        modes: dict[Pair, str] = {}
        if self._program is None:
            return modes
        try:
            listed = self._run("-l", "")
        except PressroomError as error:  # the other engines still work
            log.warning("Apertium does not list its pairs and is left out: %s", error)
            return modes
        for mode in re.findall(r"^\s*(\w+-\w+)\s*$", listed, re.MULTILINE):
            source, target = (_OURS.get(part) for part in mode.split("-"))
            if source and target:
                for read in (source, *ALSO_READS.get(source, ())):
                    best = min(filter(None, (modes.get(Pair(read, target)), mode)), key=_rank)
                    modes[Pair(read, target)] = best
        return modes

    def _run(self, argument: str, text: str) -> str:
        """Standard output of one call, at the end of which all processes of its pipeline are gone."""
        options = [argument] if argument == "-l" else ["-z", "-f", "none", argument]
        with tempfile.TemporaryDirectory(prefix="apertium-") as scratch:
            environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TMPDIR": scratch}
            process = subprocess.Popen(  # noqa: S603 — the program's own path and a mode from its own list
                [str(self._program), *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd=scratch,
                start_new_session=True,
            )
            try:
                output, _ = process.communicate(text.encode(), timeout=self._timeout)
            except subprocess.TimeoutExpired as exc:
                raise ENGINE_TIMEOUT(engine=self.name, seconds=f"{self._timeout:g}") from exc
            finally:
                _end(process)
        if process.returncode != 0:
            raise ENGINE_FAILED(engine=self.name, source=argument.partition("-")[0], target=argument.rpartition("-")[2])
        return output.decode(errors="replace")


def _single_spaced(asked: str, text: str) -> str:
    """Words that fall away, such as Spanish pronouns, leave their blanks behind."""
    return text if "  " in asked else re.sub(r" {2,}", " ", text).strip()


def _rank(mode: str) -> tuple[int, str]:
    """Plain spellings first."""
    return sum(CODES[_OURS[part]].index(part) for part in mode.split("-")), mode


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for text in texts:
        if batch and sum(map(len, batch)) + len(text) > BATCH_CHARACTERS:
            yield batch
            batch = []
        batch.append(text)
    if batch:
        yield batch


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the pipeline: the shell leads its own process group, so nothing of it outlives the call."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None and not stream.closed:
            stream.close()
