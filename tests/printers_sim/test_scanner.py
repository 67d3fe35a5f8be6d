"""The scanner of a simulated printer: its originals, what it makes of them, and how it is filled and turned."""

from collections.abc import Iterator

import httpx
import pytest

from printers_sim.printer import make_printer
from printers_sim.profile import find_profile
from printers_sim.scanner.originals import Kind, Original, draw, languages
from printers_sim.scanner.picture import Rendering, Side, is_colored, page_file, scanned
from printers_sim.scanner.scanner import Scanner, ScanTrouble, Source, Trouble
from printers_sim.simulation import Simulation, SimulationPlan
from printers_sim.snapshot import restore, snapshot
from tests.support.simulation import device_address, running_simulation


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulation]:
    folder = tmp_path_factory.mktemp("sim")
    plan = SimulationPlan(2, profiles=["color-mfp", "mono-printer"], http_port=0, snmp_port=0, folder=folder)
    with running_simulation(plan) as running:
        yield running


@pytest.fixture
def panel(simulation: Simulation) -> Iterator[httpx.Client]:
    simulation.printers[0].scanner = Scanner()
    address = device_address(simulation, simulation.printers[0])
    with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", Kind)
def test_originals_are_the_same_each_time(kind: Kind, language: str) -> None:
    original = Original(kind, language, 5)
    first, again = draw(original, 75), draw(original, 75)
    assert first.size == (620, 877)
    assert first.tobytes() == again.tobytes()
    if kind is not Kind.BLANK:
        assert draw(Original(kind, language, 6), 75).tobytes() != first.tobytes()


@pytest.mark.parametrize(
    ("asked", "kind", "mode", "size", "media_type"),
    [
        (Rendering(75, "color"), Kind.FORM, "RGB", (620, 877), "image/jpeg"),
        (Rendering(150, "grayscale"), Kind.FORM, "L", (1240, 1754), "image/jpeg"),
        (Rendering(150, "black_and_white"), Kind.FORM, "1", (1240, 1754), "image/png"),
        (Rendering(75, "auto"), Kind.PHOTO, "RGB", (620, 877), "image/jpeg"),
        (Rendering(75, "auto"), Kind.BLANK, "L", (620, 877), "image/jpeg"),
        (Rendering(75, "color", "A5"), Kind.FORM, "RGB", (437, 620), "image/jpeg"),
        (Rendering(75, "color", "A3"), Kind.FORM, "RGB", (877, 1240), "image/jpeg"),
        (Rendering(75, "color", "Mixed"), Kind.FORM, "RGB", (620, 877), "image/jpeg"),
    ],
)
def test_what_the_sensor_makes_of_them(
    asked: Rendering, kind: Kind, mode: str, size: tuple[int, int], media_type: str
) -> None:
    picture = scanned(Side(Original(kind), is_back=False, skew=0, noise=0, seed=1), asked)
    page = page_file(picture, asked)
    assert (picture.mode, picture.size, page.media_type) == (mode, size, media_type)
    assert is_colored(picture.convert("RGB")) == (mode == "RGB")


def test_skew_and_noise_are_the_same_for_the_same_printer() -> None:
    scanner = Scanner(skew=3.0, noise=0.4)
    asked = Rendering(75, "grayscale")
    first, again, other = (
        scanned(next(scanner.sides_from(Source.GLASS, two_sided=False, seed=seed)), asked) for seed in (1, 1, 2)
    )
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()
    straight = scanned(next(Scanner().sides_from(Source.GLASS, two_sided=False, seed=1)), asked)
    assert first.tobytes() != straight.tobytes()


def test_the_feeder_takes_one_after_another_and_a_jam_stays_until_it_is_taken_out() -> None:
    scanner = Scanner(jam_at=2, refill=False)
    sides = scanner.sides_from(Source.AUTO, two_sided=True, seed=0)
    assert [(side.original.kind, side.is_back) for side in (next(sides), next(sides))] == [
        (Kind.LETTER, False),
        (Kind.LETTER, True),
    ]
    for again in (sides, scanner.sides_from(Source.FEEDER, two_sided=False, seed=0)):
        with pytest.raises(ScanTrouble) as caught:
            next(again)
        assert caught.value.trouble is Trouble.JAM
    scanner.load([Original(Kind.TABLE)])
    assert len(list(scanner.sides_from(Source.FEEDER, two_sided=False, seed=0))) == 1
    assert scanner.source(Source.AUTO) is Source.GLASS, "the feeder is empty"


def test_people_fill_it_at_its_page(panel: httpx.Client, simulation: Simulation) -> None:
    page = panel.get("/scanner")
    assert page.status_code == 200
    assert "letter sv, invoice sv, form sv" in page.text
    given = {"kind": "table", "language": "de", "count": "3", "where": "feeder"}
    assert panel.post("/scanner", data=given).status_code == 303
    assert panel.post("/scanner", data={"kind": "form", "language": "en", "where": "glass"}).status_code == 303
    scanner = simulation.printers[0].scanner
    assert [one.kind for one in scanner.feeder] == [Kind.TABLE] * 3
    assert len({one.seed for one in scanner.feeder}) == 3
    assert scanner.glass is not None
    assert scanner.glass.language == "en"
    assert panel.get("/scanner/sample.png?kind=form&language=sv").content[:4] == b"\x89PNG"
    assert panel.post("/scanner", data={"kind": "elephant", "where": "glass"}).status_code == 422


def test_trouble_is_turned_at_its_page(panel: httpx.Client, simulation: Simulation) -> None:
    assert panel.post("/scanner/trouble", data={"cover_open": "on", "jam_at": "2", "skew": "1.5"}).status_code == 303
    scanner = simulation.printers[0].scanner
    assert (scanner.cover_open, scanner.refill, scanner.jam_at, scanner.skew) == (True, False, 2, 1.5)
    assert "cover of the feeder is open" in panel.get("/scanner").text
    assert panel.post("/scanner/trouble", data={"skew": "steep"}).status_code == 422
    assert panel.post("/scanner/trouble", data={"jam_at": "1.5"}).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"elephant": 1},
        {"feeder": [{"kind": "elephant"}]},
        {"feeder": [{"kind": "letter", "language": "xx"}]},
        {"feeder": [{"kind": "letter"}] * 101},
        {"glass": {"kind": "letter", "size": "A0"}},
        {"skew": 90},
        {"jam_at": 1.5},
        {"upload_breaks": -1},
        {"cover_open": "yes"},
    ],
)
def test_what_cannot_be_turned(panel: httpx.Client, simulation: Simulation, wrong: dict[str, object]) -> None:
    assert panel.patch("/panel/v1/scanner", json={"slow": 1, **wrong}).status_code == 422
    assert simulation.printers[0].scanner == Scanner(), "all or nothing"


def test_its_state_is_kept_and_reset(panel: httpx.Client, simulation: Simulation) -> None:
    turned = {
        "feeder": [{"kind": "photo", "language": "en", "back": "letter"}],
        "glass": None,
        "skew": 1.5,
        "jam_at": 1,
    }
    told = panel.patch("/panel/v1/scanner", json=turned).json()
    assert (told["glass"], told["skew"], told["feeder"][0]["kind"]) == (None, 1.5, "photo")
    printer = simulation.printers[0]
    other = make_printer(0, find_profile("color-mfp"))
    restore(other, snapshot(printer))
    assert other.scanner == printer.scanner
    reset = f"http://127.0.0.1:{simulation.http_port}/sim/v1/printers/{printer.address}/reset"
    assert httpx.post(reset, trust_env=False).status_code == 204
    assert panel.get("/panel/v1/scanner").json()["skew"] == 0


def test_a_printer_without_a_scanner_has_none_of_it(simulation: Simulation) -> None:
    address = device_address(simulation, simulation.printers[1])
    for path in ("/scanner", "/panel/v1/scanner"):
        assert httpx.get(f"{address}{path}", trust_env=False).status_code == 404
    assert "Scanner" not in httpx.get(address, trust_env=False).text
