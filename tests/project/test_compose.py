"""compose.yaml and the Dockerfile: what starts by default, what they share, and that endpoints can be reached."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def filled(text: str) -> str:
    """A value of the file with each ${NAME:-default} replaced by its default."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def mounts(service: str) -> dict[str, str]:
    """Where a service sees what: source -> folder inside."""
    return dict(volume.split(":")[:2] for volume in SERVICES[service].get("volumes", []))


def option(service: str, name: str) -> str:
    """The value of a `--name=value` in a service's command."""
    (value,) = (word.split("=", 1)[1] for word in SERVICES[service]["command"] if word.startswith(f"--{name}="))
    return filled(value)


def test_simulator_bridge_and_subscriber_start_by_default() -> None:
    assert {name for name, service in SERVICES.items() if "profiles" not in service} == {
        "simulator",
        "bridge",
        "subscriber",
    }


def test_the_gateway_has_a_profile_and_its_image_is_a_variable() -> None:
    assert SERVICES["gateway"]["profiles"] == ["gateway"]
    assert SERVICES["gateway"]["image"].startswith("${GATEWAY_IMAGE")
    assert SERVICES["bridge"].get("depends_on") is None, (
        "naming the bridge must not start the simulator beside the Gateway"
    )


def test_the_bridge_finds_the_simulator() -> None:
    command = SERVICES["simulator"]["command"]
    _, port = command[command.index("--listen") + 1].split(":")
    assert option("bridge", "tws") == f"simulator:{port}"


def test_endpoints_lie_on_a_volume_that_the_subscriber_has_too() -> None:
    folder = mounts("bridge")["bus"]
    assert mounts("subscriber")["bus"] == folder
    assert option("bridge", "events").startswith(f"ipc://{folder}/")
    assert option("bridge", "requests").startswith(f"ipc://{folder}/")
    assert SERVICES["subscriber"]["command"][0] == option("bridge", "events")
    assert mounts("bridge")["state"] == option("bridge", "state")


def test_the_subscriber_runs_an_example_that_exists() -> None:
    python, program = SERVICES["subscriber"]["entrypoint"]
    folder, inside = next(iter((s, d) for s, d in mounts("subscriber").items() if s.startswith(".")))
    assert python == "python"
    assert (ROOT / folder / Path(program).relative_to(inside)).is_file()


def test_volumes_are_declared() -> None:
    used = {name for service in SERVICES for name in mounts(service) if not name.startswith(".")}
    assert used == set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", ["events", "requests", "state"])
def test_the_image_knows_the_same_places(name: str) -> None:
    """So that `tws-bridge status`, the health check, needs no arguments inside the container."""
    assert f"TWS_BRIDGE_{name.upper()}={option('bridge', name)}" in DOCKERFILE


def test_the_image_runs_as_nobody_special_and_checks_its_health() -> None:
    final_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "\nUSER tws-bridge\n" in final_stage
    assert re.search(r'^HEALTHCHECK .*CMD \["tws-bridge", "status"\]$', final_stage, flags=re.MULTILINE)
    for folder in {mounts("bridge")["bus"], mounts("bridge")["state"]}:
        assert folder in final_stage


def test_everything_that_the_image_copies_is_sent_to_the_builder() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, flags=re.MULTILINE)
    sources = {source for line in copies for source in line.split()}
    assert sources, "the Dockerfile copies nothing"
    for source in sources:
        assert (ROOT / source).exists()
        assert {f"!{source}", f"!{source.split('/')[0]}"} & set(ignore)
