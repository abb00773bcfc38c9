"""Every command line that README.md, compose.yaml and the Dockerfile show is one that `tws-bridge` takes."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from bridge.cli import main, parser
from bridge.simulator.settings import SimulatorSettings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


def filled(text: str) -> str:
    """A value of compose.yaml with each ${NAME:-default} replaced by its default."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def composed(service: str) -> list[str]:
    """The arguments that a service of compose.yaml gives to `tws-bridge`, the image's entry point."""
    return [filled(word) for word in SERVICES[service]["command"]]


def rows() -> dict[str, str]:
    """Command -> its row in the README's table of commands."""
    return {match[1]: match[0] for match in re.finditer(r"^\| `tws-bridge (\w+).*$", README, flags=re.MULTILINE)}


def examples() -> list[str]:
    """The command lines in the README's indented blocks, continued lines joined, without the program's path."""
    text = README.replace("\\\n", " ")
    return re.findall(r"^ {4}(?:\S*/)?tws-bridge (.*)$", text, flags=re.MULTILINE)


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


def test_the_bridge_of_the_compose_file_starts_with_valid_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TWS", "CLIENT_ID", "EVENTS", "REQUESTS", "STATE"):
        monkeypatch.delenv(f"TWS_BRIDGE_{name}", raising=False)
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
    options = parser().parse_args(["status"])
    assert f"--requests={options.requests}" in composed("bridge")


def test_the_table_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    listed = set(re.findall(r"^    (\w+) ", help_of(capsys), flags=re.MULTILINE))
    assert listed == rows().keys()


@pytest.mark.parametrize("command", rows())
def test_a_command_has_the_options_that_its_row_shows(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = set(re.findall(r"--[a-z-]+", rows()[command]))
    assert shown <= set(re.findall(r"--[a-z-]+", help_of(capsys, command)))


def test_there_are_examples() -> None:
    assert any(line.startswith("run ") for line in examples())


@pytest.mark.parametrize("line", examples())
def test_an_example_is_taken(line: str) -> None:
    assert callable(parser().parse_args(shlex.split(line)).run)
