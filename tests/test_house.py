"""The house rules, walked over everything: no module, step, error, setting or file is left out."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from prefect import Flow

from connectors.errors import PressroomError
from connectors.settings import Settings
from domain.people.deletion import references
from domain.tables import all_tables
from flows.deployments import DEPLOYMENTS, FlowDeployment
from pressroom.cli import app
from pressroom.reference import ROOMS
from printers_sim.simulation import HTTP_PORT
from steps.local_context import LocalContext
from steps.registry import step_kinds

ROOT = Path(__file__).parent.parent
LONGEST_MODULE = 500
CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.:/@-])/(?:" + "|".join(("root/[.a-z]", "home/[a-z]", "wo" + "rk/", "Users/")) + ")")
REGISTRY_HOST = re.compile(
    r"https?://[^\s/\"']*(?:" + "|".join(("py" + "pi", "python" + "hosted", "npm" + "js", "artifactory", "jfrog")) + ")"
)
VARIABLE = re.compile(r"\bPRESSROOM_[A-Z0-9_]+\b")
INTERPOLATION = re.compile(r"\$\{(\w+)")
COMPOSE_ONLY = frozenset(
    f"PRESSROOM_{name}"
    for name in (
        *("IMAGE", "POSTGRES_IMAGE", "POSTGRES_PASSWORD", "REDIS_IMAGE", "MAIL_IMAGE"),
        *("S3_IMAGE", "S3_COMMAND", "S3_HEALTH_URL"),
    )
)
"""What docker-compose.yml asks for itself, besides the settings that it passes on."""

ALSO_VARIABLES = frozenset({"PRESSROOM_WORKER", "PRESSROOM_TEST_DATA", "PRESSROOM_TEST_GATE"})
"""Variables that are no settings: the name a worker gives its processes, and what tests tell each other."""

PLAIN_CODES = frozenset({"internal", "not_found"})
"""Codes of errors that belong to no part of the product."""

WALK = """
import json
from pathlib import Path
from pressroom.reference import current
from connectors.errors import declared_faults
pages = current(Path("docs"))  # imports every module
print(json.dumps({
    "stale": [path.name for path, text in pages.items() if path.read_text(encoding="utf-8") != text],
    "faults": [(fault.code, fault.status, fault.message, fault.remedy) for fault in declared_faults().values()],
}))
"""
"""In a process of its own, because tests declare faults too."""


@pytest.fixture(scope="module")
def walked() -> dict[str, Any]:
    """What was found when every module of the rooms was imported."""
    walk = subprocess.run([sys.executable, "-c", WALK], cwd=ROOT, capture_output=True, text=True, check=False)
    assert walk.returncode == 0, walk.stderr
    found: dict[str, Any] = json.loads(walk.stdout.splitlines()[-1])
    return found


def tracked(*patterns: str) -> list[Path]:
    """Files under version control, or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this is no git checkout")
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


@lru_cache(maxsize=1)
def modules() -> dict[str, ast.Module]:
    """Every Python file of the rooms, the benchmarks and the tests, parsed."""
    found = (path for room in (*ROOMS, "benchmarks", "tests") for path in sorted((ROOT / room).rglob("*.py")))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in found}


def public_definitions(tree: ast.Module) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions and classes at the top of a module whose names promise something to others."""
    for node in tree.body:
        is_definition = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if is_definition and not node.name.startswith("_"):
            yield node


def test_every_module_and_package_has_a_docstring() -> None:
    assert not [name for name, tree in modules().items() if not ast.get_docstring(tree)]


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {(ROOT / name).parent for name in modules()}
    assert not [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()]


def test_every_public_function_and_class_has_a_docstring() -> None:
    missing = [
        f"{name}: {node.name}"
        for name, tree in modules().items()
        if not name.startswith(("tests/", "benchmarks/", "domain/migrations/versions/"))
        for node in public_definitions(tree)
        if not ast.get_docstring(node)
    ]
    assert not missing


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    lines = {name: (ROOT / name).read_text(encoding="utf-8").count("\n") for name in modules()}
    assert not {
        name: count
        for name, count in lines.items()
        if count > LONGEST_MODULE and not name.startswith("domain/migrations/versions/")
    }


def test_every_fault_has_a_dotted_code_a_message_and_a_remedy(walked: dict[str, Any]) -> None:
    """That all modules were imported also shows that no code is declared twice: `Fault` refuses that."""
    assert len(walked["faults"]) > 100
    for code, status, message, remedy in walked["faults"]:
        assert CODE.fullmatch(code), code
        assert "." in code or code in PLAIN_CODES, code
        assert 400 <= status < 600, code
        for sentence in (message, remedy):
            assert sentence.strip() == sentence, code
            assert sentence.endswith((".", "…", "}", "?", ")")), (code, sentence)


def test_every_reference_part_of_the_documentation_is_up_to_date(walked: dict[str, Any]) -> None:
    assert not walked["stale"], "run scripts/update-docs"


@pytest.mark.parametrize("kind", step_kinds().values(), ids=lambda kind: kind.name)
def test_every_step_has_an_example_and_a_place_in_the_documentation(kind: Any, tmp_path: Path) -> None:
    assert kind.example.parameters.unready() is None
    assert kind.example.make_document(tmp_path).stat().st_size > 0
    assert f"<!-- values of {kind.name} -->" in (ROOT / "docs" / "steps.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment.name)
def test_every_deployment_leads_to_a_flow_of_its_name(deployment: FlowDeployment) -> None:
    module, _, name = deployment.entrypoint.rpartition(".")
    assert getattr(import_module(module), name).name == deployment.flow


def test_every_flow_has_a_deployment() -> None:
    """A flow that the engine does not know is never run."""
    names = {deployment.flow for deployment in DEPLOYMENTS}
    modules = [import_module(f"flows.{module.stem}") for module in (ROOT / "flows").glob("*.py")]
    found = {one.name for module in modules for one in vars(module).values() if isinstance(one, Flow)}
    assert found - names == set()


def test_no_deployment_stands_twice() -> None:
    assert [deployment.name for deployment in DEPLOYMENTS] == list(dict.fromkeys(one.name for one in DEPLOYMENTS))


def test_nothing_is_left_unfinished_and_nothing_names_this_machine() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            found += [
                f"{path.relative_to(ROOT)}:{number}: {match.group()}"
                for pattern in (UNFINISHED, MACHINE_PATH, REGISTRY_HOST)
                if (match := pattern.search(line))
            ]
    assert not found


PORTS_OF_UP = ("portal_port", "prefect_port", "mail_catcher_port", "ipp_port", "mail_in_port")
WITH_PEOPLE = {
    "agent_activation_code.issuer_id": "stays",
    "installation_link.issuer_id": "stays",
    "api_token.user_id": "goes",
    "app_package.uploader_id": "stays",
    "background_task.started_by": "stays",
    "badge.user_id": "goes",
    "collected_log.requester_id": "stays",
    "configuration.editor_id": "stays",
    "configuration_version.publisher_id": "stays",
    "federated_identity.user_id": "goes",
    "feedback.user_id": "goes",
    "firmware_image.uploader_id": "stays",
    "fleet_resource.creator_id": "stays",
    "fleet_schedule.issuer_id": "stays",
    "fleet_task.issuer_id": "stays",
    "former_password.user_id": "goes",
    "group_member.user_id": "goes",
    "half_sign_in.user_id": "goes",
    "linked_account.user_id": "goes",
    "login_code.user_id": "goes",
    "membership_period.user_id": "stays",
    "password_link.user_id": "goes",
    "pending_account_sign_in.user_id": "goes",
    "pin.user_id": "goes",
    "print_assignment_person.user_id": "goes",
    "print_client.user_id": "goes",
    "print_credential.user_id": "goes",
    "print_charge.user_id": "stays",
    "print_definition_assignment.user_id": "goes",
    "print_quota_month.user_id": "stays",
    "print_defaults.user_id": "goes",
    "print_delegation.delegate_id": "goes",
    "print_delegation.owner_id": "goes",
    "print_guest.user_id": "goes",
    "print_job.user_id": "goes",
    "print_mail_address.asked_by": "goes",
    "print_message.user_id": "goes",
    "print_node.user_id": "goes",
    "run_draft.user_id": "goes",
    "print_release.released_by": "stays",
    "print_report_schedule.issuer_id": "stays",
    "print_release.user_id": "stays",
    "print_release_batch.user_id": "stays",
    "print_removal.user_id": "stays",
    "print_submission.user_id": "stays",
    "printer_session.user_id": "goes",
    "printer_view_choice.user_id": "goes",
    "recovery_code.user_id": "goes",
    "camera_scan.user_id": "goes",
    "run.user_id": "stays",
    "scan.user_id": "goes",
    "scan_destination.owner_id": "goes",
    "second_factor.user_id": "goes",
    "sign_in_session.user_id": "goes",
    "solution.owner_id": "stays",
    "supplies_request.requester_id": "stays",
}
"""What becomes of rows that refer to a person who is deleted (AC-83): see domain/people/deletion.py."""


def test_every_table_that_refers_to_people_has_decided_what_becomes_of_its_rows() -> None:
    referring = {
        f"{table.name}.{column.name}"
        for table in all_tables().sorted_tables
        for column in table.columns
        if any(key.target_fullname == "user_account.id" for key in column.foreign_keys)
    }
    going = {f"{column.table.name}.{column.name}" for column, _ in references()}
    assert {name: "goes" if name in going else "stays" for name in referring} == WITH_PEOPLE


def test_parts_of_one_machine_listen_on_ports_of_their_own() -> None:
    """`pressroom up --sim` starts them all on loopback; the simulated printers' control is there too."""
    ports = [field.default for name, field in Settings.model_fields.items() if name in PORTS_OF_UP]
    assert len(ports) == len(PORTS_OF_UP)
    assert len({*ports, HTTP_PORT}) == len(ports) + 1


def test_every_setting_has_a_description() -> None:
    assert not [name for name, field in Settings.model_fields.items() if not field.description]


def known_variables() -> set[str]:
    """The environment variables that the settings read."""
    return {f"PRESSROOM_{name.upper()}" for name in Settings.model_fields}


def test_every_variable_that_is_mentioned_anywhere_exists() -> None:
    known = known_variables() | COMPOSE_ONLY | ALSO_VARIABLES
    mentioned = {
        (str(path.relative_to(ROOT)), name)
        for path in tracked("*.py", "*.md", "*.yml", "Dockerfile", ".env.example", "*.po")
        for name in VARIABLE.findall(path.read_text(encoding="utf-8"))
    }
    assert not {(path, name) for path, name in mentioned if name not in known and not name.endswith("_")}


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            address, _, anchor = target.partition("#")
            if "://" in target:
                continue
            file = page.parent / address if address else page
            if not file.exists() or (anchor and anchor not in headings(file)):
                broken.append(f"{page.name}: {target}")
    assert not broken


def headings(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


class TestContainers:
    """docker-compose.yml, Dockerfile and .env.example say nothing that the product does not know."""

    compose: Any = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    ours = ("portal", "print-service", "mail-in", "engine", "worker", "migrate")

    @pytest.mark.parametrize("service", ours)
    def test_our_services_set_settings_and_run_commands_that_exist(self, service: str) -> None:
        described = self.compose["services"][service]
        passed = {name for name in described["environment"] if name.startswith("PRESSROOM_")}
        assert passed <= known_variables()
        commands = [described["command"]]
        check = described.get("healthcheck", {})
        commands += [check["test"][1:]] if "test" in check else []
        for program, *arguments in commands:
            assert program == "pressroom"
            parsed(arguments)

    @pytest.mark.parametrize("service", ours)
    def test_our_services_run_without_privileges_on_a_read_only_root(self, service: str) -> None:
        described = self.compose["services"][service]
        assert described["read_only"] is True
        assert described["cap_drop"] == ["ALL"]
        assert described["environment"]["PRESSROOM_ENVIRONMENT"] == "production"

    @pytest.mark.parametrize("service", ours)
    def test_the_settings_of_our_services_are_valid(self, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
        secret = "0123456789abcdefghijklmnopqrstuvwxyz"
        for name, value in self.compose["services"][service]["environment"].items():
            monkeypatch.setenv(name, substituted(str(value), dict.fromkeys(needed(), secret)))
        settings = Settings(_env_file=None)
        assert settings.documents == "s3"
        assert settings.engine_url == "http://engine:4200/api"
        assert settings.records_url == f"postgresql+psycopg://pressroom:{secret}@postgres/pressroom"

    def test_services_wait_for_services_that_can_say_that_they_are_ready(self) -> None:
        services = self.compose["services"]
        for name, described in services.items():
            for other, terms in described.get("depends_on", {}).items():
                assert other in services, (name, other)
                if terms["condition"] == "service_healthy":
                    assert "test" in services[other]["healthcheck"], (name, other)
                else:
                    assert terms["condition"] == "service_completed_successfully"
                    assert services[other]["restart"] == "no"

    def test_every_port_is_published_on_loopback_only(self) -> None:
        ports = [port for described in self.compose["services"].values() for port in described.get("ports", ())]
        assert ports
        assert all(port.startswith("127.0.0.1:") for port in ports)

    def test_volumes_and_configs_are_declared(self) -> None:
        for described in self.compose["services"].values():
            assert {mount.partition(":")[0] for mount in described.get("volumes", ())} <= set(self.compose["volumes"])
            assert {entry["source"] for entry in described.get("configs", ())} <= set(self.compose["configs"])

    def test_the_example_environment_offers_what_is_needed_and_nothing_unknown(self) -> None:
        text = (ROOT / ".env.example").read_text(encoding="utf-8")
        offered = set(re.findall(r"^#?(PRESSROOM_\w+)=", text, re.MULTILINE))
        assert offered <= known_variables() | COMPOSE_ONLY
        assert needed() <= offered

    def test_compose_asks_for_settings_or_for_what_only_it_knows(self) -> None:
        asked = set(INTERPOLATION.findall((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
        assert asked <= known_variables() | COMPOSE_ONLY
        assert asked >= COMPOSE_ONLY

    def test_the_image_runs_commands_that_exist_as_an_ordinary_user(self) -> None:
        text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
        commands = [json.loads(match) for match in re.findall(r"CMD (\[.+\])$", text, re.MULTILINE)]
        assert len(commands) == 2
        for program, *arguments in commands:
            assert program == "pressroom"
            parsed(arguments)
        assert re.search(r"^USER (?!root)\w+$", text, re.MULTILINE)
        assert set(VARIABLE.findall(text)) <= known_variables()


def needed() -> set[str]:
    """What docker compose refuses to start without."""
    return set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))


def substituted(value: str, given: dict[str, str]) -> str:
    """A compose value with the variables filled in as compose does it."""

    def fill(match: re.Match[str]) -> str:
        name, default = match.groups()
        return given.get(name, default or "")

    return re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", fill, value)


def parsed(arguments: list[str]) -> None:
    """Let the command line parse `arguments` without running them; raises where there is no such command."""
    commands: Any = typer.main.get_command(app)
    name, *rest = arguments
    commands.commands[name].make_context(name, rest)


def example_of_the_documentation() -> str:
    """The one Python block of docs/adding-a-step.md."""
    blocks = re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "docs/adding-a-step.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert len(blocks) == 1
    return str(blocks[0])


def test_the_example_step_of_the_documentation_works_as_it_stands(tmp_path: Path) -> None:
    """It is installed as another package would be: a module and the metadata of an entry point, on the path."""
    (tmp_path / "pressroom_stamp.py").write_text(example_of_the_documentation(), encoding="utf-8")
    metadata = tmp_path / "pressroom_stamp-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: pressroom-stamp\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[pressroom.steps]\nstamp = pressroom_stamp:KIND\n")
    program = "from tests.test_house import run_the_example; import sys; run_the_example(sys.argv[1])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(tmp_path)))}
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "work")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == "RECEIVED"
    assert "Northwind Traders" in ran.stdout


def run_the_example(folder: str) -> None:
    """In a process where the example is installed: run it as the registry finds it, and print what came out."""
    kind = step_kinds()["stamp"]
    context = LocalContext(Path(folder))
    document = context.take_in(kind.example.make_document(Path(folder)), "text/plain")
    kind.check_format(document)
    result = kind.run(document, kind.example.parameters, context)
    print(context.fetch(result.documents[0]).read_text(encoding="utf-8"))
    assert context.steps_shown[-1] == (1, 1)
    with pytest.raises(PressroomError, match=r"stamp\.empty"):
        kind.run(document, kind.parameters(), context)
    latin = Path(folder) / "latin.txt"
    latin.write_bytes("Göteborg".encode("latin-1"))
    with pytest.raises(PressroomError, match=r"stamp\.not_utf8"):
        kind.run(context.take_in(latin, "text/plain"), kind.example.parameters, context)
