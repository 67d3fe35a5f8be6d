"""Argos and Apertium as installed here: real models, real programs, no network."""

import os
import stat
from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.settings import Settings
from connectors.translation.apertium import ApertiumEngine
from connectors.translation.apertium_stream import decode, encode
from connectors.translation.argos import ArgosEngine
from connectors.translation.engine import Pair, Progress, Translated, silent
from connectors.translation.routing import Engines, preload, translation_engines, warm


def settings(tmp_path: Path, **values: object) -> Settings:
    return Settings(_env_file=None, home=tmp_path / "home", **values)


@pytest.fixture(scope="module")
def argos(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> ArgosEngine:
    return ArgosEngine(settings(tmp_path_factory.mktemp("argos"), translation_packages=shared_data / "translation"))


@pytest.fixture(scope="module")
def apertium(tmp_path_factory: pytest.TempPathFactory) -> ApertiumEngine:
    engine = ApertiumEngine(settings(tmp_path_factory.mktemp("apertium")))
    if not engine.pairs():
        pytest.skip("apertium is not installed: apt-get install apertium apertium-eng-spa apertium-swe-dan …")
    return engine


def test_argos_translates_with_the_packages_of_a_folder(argos: ArgosEngine) -> None:
    assert argos.pairs() == {Pair("en", "es"), Pair("es", "ca")}
    shown: list[int] = []
    answer = argos.translate(["The house is red.", "The committee approved the budget."], "en", "es", shown.append)
    assert answer.texts[0].startswith("La casa es roja")
    assert "presupuesto" in answer.texts[1]
    assert shown == [1, 2]


def test_argos_cuts_what_is_too_long_for_its_model_instead_of_losing_it(argos: ArgosEngine) -> None:
    """The model holds 64 tokens; a sentence of some 300 is more than it could take at once."""
    text = argos.translate(["the house is red, " * 40], "en", "es", silent).texts[0]
    assert text.count("casa") >= 300 // 64


def test_argos_logs_nothing_of_the_texts(argos: ArgosEngine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    assert "casa" in argos.translate(["The house is red."], "en", "es", silent).texts[0]
    assert "house" not in caplog.text
    assert "casa" not in caplog.text


def test_argos_leaves_nothing_in_the_users_home(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess
    import sys

    home = tmp_path / "person"
    home.mkdir()
    program = (
        "from pathlib import Path; from connectors.settings import Settings\n"
        "from connectors.translation.argos import ArgosEngine\n"
        f"e = ArgosEngine(Settings(_env_file=None, home=Path({str(tmp_path)!r}), "
        f"translation_packages=Path({str(shared_data / 'translation')!r})))\n"
        "import os; before = dict(os.environ); e.preload()\n"
        "assert {k: v for k, v in os.environ.items() if k.startswith(('ARGOS', 'XDG'))} == "
        "{k: v for k, v in before.items() if k.startswith(('ARGOS', 'XDG'))}\n"
        "print(e.translate(['The house is red.'], 'en', 'es', print).texts[0])"
    )
    environment = {**os.environ, "HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert "La casa es roja" in done.stdout, done.stderr
    assert list(home.rglob("*")) == []


@pytest.mark.parametrize(
    ("source", "target", "text", "expected"),
    [
        ("en", "es", "The house is red.", "La casa es roja."),
        ("sv", "da", "Jag köper ett hus.", "Jeg køber et hus."),
        ("sv", "nb", "Jag köper ett hus.", "Jeg kjøper et hus."),
        ("es", "pt-BR", "La casa roja", "A casa vermelha"),
        ("fr", "es", "La maison rouge", "La casa roja"),
        ("fr-CA", "es", "La maison rouge", "La casa roja"),
        ("en", "es", "A *starred* [bracket] a/b {brace} ^caret$ <tag> \\ @you #1", None),
        ("en", "es", "Two lines\nof the house", "Dos líneas\nde la casa"),
    ],
)
def test_apertium_returns_one_text_for_each(
    apertium: ApertiumEngine, source: str, target: str, text: str, expected: str | None
) -> None:
    if Pair(source, target) not in apertium.pairs():
        pytest.skip(f"the Apertium pair {source} → {target} is not installed")
    answer = apertium.translate([text, "12", text], source, target, silent)
    assert answer.texts[0] == answer.texts[2]
    assert answer.texts[1] == "12"
    if expected:
        assert answer.texts[0] == expected
    for character in "*[]/{}^$<>\\@#":
        assert answer.texts[0].count(character) == text.count(character)


def test_apertium_counts_words_that_it_does_not_know(apertium: ApertiumEngine) -> None:
    answer = apertium.translate(["The frobnitz is *red*."], "en", "es", silent)
    assert answer.unknown_words == 1
    assert "frobnitz" in answer.texts[0]
    assert answer.texts[0].count("*") == 2


def test_the_stream_format_keeps_special_characters_and_counts_marks() -> None:
    assert encode("a*b[c]\0") == "a[*]b\\[c\\].[]\0"
    assert encode("Stop!") == "Stop![]\0"
    assert decode("una [*]casa\\[ *frob @nitz #ir.[]", "any") == ("una *casa[ frob nitz ir", 2)
    assert decode("una casa.[]", "a house.") == ("una casa.", 0)


def fake_program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a real program named apertium first on the path, which lists eng-spa and then does as told."""
    folder.mkdir()
    program = folder / "apertium"
    program.write_text(f'#!/bin/sh\nif [ "$1" = "-l" ]; then echo "  eng-spa"; exit 0; fi\n{script}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("cat >/dev/null; exit 0", "translate.engine_failed"),
        (r"cat >/dev/null; printf '\0\0'; exit 0", "translate.engine_failed"),
        ("cat >/dev/null; echo broken >&2; exit 1", "translate.engine_failed"),
        ("sleep 60 | cat", "translate.timeout"),
    ],
    ids=["nothing with exit code 0", "empty texts", "exit code 1", "too slow"],
)
def test_apertiums_failures_are_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, code: str) -> None:
    fake_program(tmp_path / "bin", script, monkeypatch)
    engine = ApertiumEngine(settings(tmp_path, translation_timeout_seconds=1))
    assert engine.pairs() == {Pair("en", "es")}
    with pytest.raises(PressroomError) as failed:
        engine.translate(["The house", "is red"], "en", "es", silent)
    assert failed.value.code == code


def test_a_broken_apertium_leaves_the_other_engines_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_program(tmp_path / "bin", "", monkeypatch)
    (tmp_path / "bin" / "apertium").write_text("#!/bin/sh\nexit 1\n")
    assert ApertiumEngine(settings(tmp_path)).pairs() == frozenset()


class Told:
    """An engine of another package, with the pairs it is told."""

    def __init__(self, name: str, *pairs: tuple[str, str]) -> None:
        self.name = name
        self._pairs = frozenset(Pair(*pair) for pair in pairs)

    def pairs(self) -> frozenset[Pair]:
        return self._pairs

    def translate(self, texts: object, source: str, target: str, on_progress: Progress) -> Translated:
        made = [f"{text}>{target}" for text in texts]  # type: ignore[attr-defined]
        on_progress(len(made))
        return Translated(made, 1)

    def preload(self) -> None: ...


@pytest.mark.parametrize(
    ("first", "second", "path", "names"),
    [
        ([("en", "es")], [("en", "es")], "en → es", "a"),
        ([("en", "fr"), ("fr", "es")], [("en", "es")], "en → es", "b"),
        ([("en", "fr"), ("fr", "es")], [("en", "ca"), ("ca", "es")], "en → fr → es", "a"),
        ([("en", "ca")], [("ca", "es")], "en → ca → es", "a, b"),
    ],
    ids=["better engine", "direct before pivot", "better engine over pivot", "over two engines"],
)
def test_the_route_is_direct_before_pivot_and_by_the_better_engine(
    first: list[tuple[str, str]], second: list[tuple[str, str]], path: str, names: str
) -> None:
    route = Engines([Told("a", *first), Told("b", *second)]).route("en", "es")
    assert (route.path, route.engines) == (path, names)
    shown: list[int] = []
    answer = route.translate(["x", "y"], shown.append)
    assert answer.texts[0] == "x" + "".join(f">{leg.pair.target}" for leg in route.legs)
    assert answer.unknown_words == len(route.legs)
    assert shown[-1] == 2 * len(route.legs)


def test_a_missing_pair_says_what_there_is_and_what_to_add() -> None:
    with pytest.raises(PressroomError) as failed:
        Engines([Told("a", ("sv", "da"), ("da", "nb"))]).route("sv", "de")
    assert failed.value.code == "translate.pair_missing"
    assert "Danish, Norwegian (Bokmål)" in failed.value.remedy
    assert "translate-sv_de" in failed.value.remedy


def test_no_engine_at_all_is_its_own_fault() -> None:
    with pytest.raises(PressroomError) as failed:
        Engines([Told("a")]).route("sv", "de")
    assert failed.value.code == "translate.engine_missing"


def test_real_routes_over_two_engines(shared_data: Path, tmp_path: Path) -> None:
    own = settings(tmp_path, translation_packages=shared_data / "translation")
    engines = translation_engines(own)
    assert engines is translation_engines(own), "engines are kept"
    preload(own)
    warm(own)
    if Pair("es", "fr") not in engines.pairs:
        pytest.skip("the Apertium pair es → fr is not installed")
    assert engines.route("en", "es").engines == "argos"
    route = engines.route("en", "fr")
    assert (route.path, route.engines) == ("en → es → fr", "argos, apertium")
    assert "maison" in route.translate(["The house is red."], silent).texts[0]
