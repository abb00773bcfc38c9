"""`tws-bridge` takes the command lines that no test runs: in compose.yaml, the Dockerfile, excused blocks of pages."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from bridge.cli import main, parser
from bridge.simulator.shell.settings import SimulatorSettings
from tests.project.pages.blocks import blocks, pages

ROOT = Path(__file__).parents[2]
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


def filled(text: str) -> str:
    """A value of compose.yaml with each ${NAME:-default} replaced by its default."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def composed(service: str) -> list[str]:
    """The arguments that a service of compose.yaml gives to `tws-bridge`, the image's entry point."""
    return [filled(word) for word in SERVICES[service]["command"]]


def examples() -> list[str]:
    """Command lines that no other test runs: those in excused blocks, and in indented blocks of the reference.

    cli.md has forms of commands, not commands.
    """
    excused = [block.text for page in pages() for block in blocks(page) if block.language == "sh" and block.is_excused]
    reference = [file for file in sorted((ROOT / "docs" / "reference").glob("*.md")) if file.name != "cli.md"]
    texts = [file.read_text(encoding="utf-8") for file in reference]
    indented = ["\n".join(re.findall(r"^ {4}(\S.*)$", text, flags=re.MULTILINE)) for text in texts]
    joined = "\n".join([*excused, *indented]).replace("\\\n", " ")
    return re.findall(r"^(?:\S*/)?tws-bridge ((?:'[^']*'|[^'\n])*)$", joined, flags=re.MULTILINE)


def help_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([*words, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_the_simulator_of_the_compose_file_starts_with_valid_settings() -> None:
    options = parser().parse_args(composed("simulator"))
    names = SimulatorSettings.model_fields.keys() & vars(options).keys()
    settings = SimulatorSettings(**{name: getattr(options, name) for name in names})
    assert settings.listen == "0.0.0.0:4002"


def test_the_bridge_of_the_compose_file_starts_with_valid_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in SERVICES["bridge"]["environment"].items():
        monkeypatch.setenv(name, filled(value))
    token = tmp_path / "console_token"  # the container makes this file when it starts
    token.write_text("x" * 40)
    token.chmod(0o600)
    monkeypatch.setenv("TWS_BRIDGE_HTTP_TOKEN", str(token))
    assert main([*composed("bridge"), "--check-config"]) == 0


def test_the_image_without_a_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert json.loads(dockerfile.rpartition("\nENTRYPOINT ")[2].splitlines()[0]) == ["tws-bridge"]
    assert json.loads(dockerfile.rpartition("\nCMD ")[2]) == ["--help"]
    assert "run" in help_of(capsys)


def test_the_health_check_finds_the_bridge_by_the_environment_of_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for name, value in re.findall(r"(TWS_BRIDGE_\w+)=(\S+)", dockerfile):
        monkeypatch.setenv(name, value)
    assert parser().parse_args(["health"]).state == "/var/lib/tws-bridge"
    for name, value in SERVICES["bridge"]["environment"].items():
        monkeypatch.setenv(name, value)
    assert parser().parse_args(["status"]).requests == SERVICES["bridge"]["environment"]["TWS_BRIDGE_REQUESTS"]


def test_there_are_examples() -> None:
    assert {line.split()[0] for line in examples()} >= {"run", "simulate", "rehearse"}


@pytest.mark.parametrize("line", examples())
def test_an_example_is_taken(line: str) -> None:
    assert callable(parser().parse_args(shlex.split(line, comments=True)).run)
