"""compose.yaml: what each profile starts, how each service is confined, who reaches whom, and where secrets are."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge import __version__, keys
from bridge.cli import parser
from bridge.http.token import load_token
from bridge.settings import load

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
BRIDGES = {"simulator": "bridge", "gateway": "gateway-bridge"}
SUBSCRIBERS = {"simulator": "subscriber", "gateway": "gateway-subscriber"}


def variables(path: str) -> dict[str, str]:
    """The variables of an environment file."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def filled(text: str, **given: str) -> str:
    """A value of the file with each ${NAME:-default} replaced by what is given, or else by its default."""
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: given.get(found[1]) or found[2], text)


def environment(service: str, **given: str) -> dict[str, str]:
    return {name: filled(str(value), **given) for name, value in SERVICES[service].get("environment", {}).items()}


def mounts(service: str) -> dict[str, str]:
    """Where a service sees what: source -> folder inside."""
    volumes = SERVICES[service].get("volumes", [])
    short = dict(volume.split(":")[:2] for volume in volumes if isinstance(volume, str))
    return short | {volume["source"]: volume["target"] for volume in volumes if isinstance(volume, dict)}


def networks(service: str) -> set[str]:
    return set(SERVICES[service]["networks"])


def of(profile: str) -> set[str]:
    return {name for name, service in SERVICES.items() if service["profiles"] == [profile]}


# What starts


def test_each_service_belongs_to_one_of_the_two_profiles() -> None:
    assert of("simulator") == {"simulator", "bridge", "subscriber"}
    assert of("gateway") == {"gateway", "gateway-bridge", "gateway-subscriber"}
    assert of("simulator") | of("gateway") == set(SERVICES)


def test_the_environment_files_choose_the_profile() -> None:
    assert variables(".env") == {"COMPOSE_PROFILES": "simulator"}
    assert variables("docker/gateway.env")["COMPOSE_PROFILES"] == "gateway"


def test_the_environment_file_of_the_gateway_sets_only_what_the_compose_file_reads() -> None:
    read = set(re.findall(r"\$\{(\w+)", TEXT)) | {"COMPOSE_PROFILES"}
    assert set(variables("docker/gateway.env")) <= read
    assert not any("PASSWORD" in name for name in variables("docker/gateway.env"))


def test_services_wait_for_those_that_they_need() -> None:
    for profile in ("simulator", "gateway"):
        subscriber, bridge = SERVICES[SUBSCRIBERS[profile]], BRIDGES[profile]
        assert subscriber["depends_on"] == {bridge: {"condition": "service_healthy"}}
        assert set(SERVICES[bridge]["depends_on"]) == {profile}
        assert of(profile) >= set(SERVICES[bridge]["depends_on"])
    assert SERVICES["bridge"]["depends_on"]["simulator"] == {"condition": "service_healthy"}
    assert SERVICES["gateway-bridge"]["depends_on"]["gateway"] == {"condition": "service_started"}


# How each service is confined


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["init"] is True
    assert service["cap_drop"] == ["ALL"] and "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "pid", "ipc", "network_mode", "devices", "userns_mode"} & set(service)
    assert service["logging"]["driver"] == "json-file"
    assert {"max-size", "max-file"} <= set(service["logging"]["options"])
    assert service["restart"] == "unless-stopped"
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"]) and service["pids_limit"] > 0
    assert re.fullmatch(r"\d+s", service["stop_grace_period"])
    assert "/var/run/docker.sock" not in str(service)


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_without_rights_on_a_root_that_nobody_can_write(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["user"] == "10001:10001"
    assert all("noexec" in mount for mount in service["tmpfs"])


def test_only_the_gateway_may_write_to_its_root() -> None:
    assert [name for name, service in SERVICES.items() if not service.get("read_only")] == ["gateway"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_a_fixed_version(name: str) -> None:
    image = SERVICES[name]["image"]
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+\w*", image), "neither a variable nor a moving tag"
    if name in OURS:
        assert image == f"tws-bridge:{__version__}"


# Who reaches whom


def test_only_the_bridge_reaches_the_gateway() -> None:
    assert {name for name in of("gateway") if "gateway" in networks(name)} == {"gateway", "gateway-bridge"}
    assert {name for name in of("simulator") if "gateway" in networks(name)} == {"simulator", "bridge"}
    assert networks("gateway") == {"gateway"}
    assert all(networks(name) == {"internal"} for name in SUBSCRIBERS.values())
    assert all(networks(name) == {"gateway", "internal"} for name in BRIDGES.values())
    assert COMPOSE["networks"]["internal"] == {"internal": True}


def test_only_bridges_publish_ports_and_only_to_this_machine() -> None:
    assert {name for name, service in SERVICES.items() if service.get("ports")} == set(BRIDGES.values())
    for name in BRIDGES.values():
        ports = SERVICES[name]["ports"]
        assert "127.0.0.1:8080:8080" in ports
        assert all(re.fullmatch(r"127\.0\.0\.1:(7500|7501|8080):\1", port) for port in ports)


@pytest.mark.parametrize(("mode", "port"), [("paper", "4004"), ("live", "4003")])
def test_the_bridge_finds_the_gateway_and_declares_its_mode(mode: str, port: str) -> None:
    found = environment("gateway-bridge", TRADING_MODE=mode, GATEWAY_PORT=port)
    assert found["TWS_BRIDGE_TWS"] == f"gateway:{port}"
    assert found["TWS_BRIDGE_TRADING_MODE"] == environment("gateway", TRADING_MODE=mode)["TRADING_MODE"] == mode
    assert found["TWS_BRIDGE_STATE"].endswith(f"/{mode}"), "paper and live must not share a ledger"


def test_without_a_choice_it_is_paper_and_nothing_may_trade() -> None:
    defaults, written = environment("gateway"), variables("docker/gateway.env")
    assert (defaults["TRADING_MODE"], defaults["READ_ONLY_API"]) == ("paper", "yes")
    assert (written["TRADING_MODE"], written["READ_ONLY_API"], written["GATEWAY_PORT"]) == ("paper", "yes", "4004")
    assert environment("gateway-bridge")["TWS_BRIDGE_TWS"] == "gateway:4004"


#: What compose sets by itself: from a secret, and from TIME_ZONE.
OWN = {"TWS_PASSWORD_FILE", "TZ"}


def test_the_gateway_gets_the_variables_that_the_guide_lists() -> None:
    """A variable of site/gateway.env that compose does not pass on is ignored without a word."""
    guide = (ROOT / "docs" / "guides" / "deployment.md").read_text(encoding="utf-8")
    listed = guide.partition("These reach it,\n  and no others: ")[2].partition(".\n")[0]
    names = set(re.findall(r"`(\w+)`", listed))
    assert names == set(environment("gateway")) - OWN
    assert {"BYPASS_WARNING", "TWOFA_EXIT_INTERVAL", "ALLOW_BLIND_TRADING", "SAVE_TWS_SETTINGS"} <= names
    for name in names:
        assert environment("gateway", **{name: "mine"})[name] == "mine"


def test_the_bridge_finds_the_simulator() -> None:
    command = SERVICES["simulator"]["command"]
    _, port = command[command.index("--listen") + 1].split(":")
    assert environment("bridge")["TWS_BRIDGE_TWS"] == f"simulator:{port}"
    assert f":{int(port):04X} " in " ".join(SERVICES["simulator"]["healthcheck"]["test"])


def test_the_gateway_is_healthy_when_its_own_ports_are_open() -> None:
    check = " ".join(SERVICES["gateway"]["healthcheck"]["test"])
    pattern = re.search(r":(0FA\[\d+\])", check)
    assert pattern is not None
    assert [port for port in (4001, 4002, 4003, 4004) if re.fullmatch(pattern[1], f"{port:04X}")] == [4001, 4002]


def test_the_health_of_our_services() -> None:
    """A bridge has the check of the image. A subscriber answers nobody."""
    assert all("healthcheck" not in SERVICES[name] for name in BRIDGES.values())
    assert all(SERVICES[name]["healthcheck"] == {"disable": True} for name in SUBSCRIBERS.values())


def test_ipc_endpoints_lie_on_a_volume_that_the_subscriber_has_too() -> None:
    found = environment("bridge")
    folder = mounts("bridge")["bus"]
    assert mounts("subscriber")["bus"] == folder
    assert found["TWS_BRIDGE_EVENTS"].startswith(f"ipc://{folder}/")
    assert found["TWS_BRIDGE_REQUESTS"].startswith(f"ipc://{folder}/")
    assert SERVICES["subscriber"]["command"] == [found["TWS_BRIDGE_EVENTS"]]


def test_the_subscriber_with_keys_finds_the_bridge() -> None:
    port = environment("gateway-bridge")["TWS_BRIDGE_EVENTS"].rpartition(":")[2]
    assert SERVICES["gateway-bridge"]["networks"]["internal"]["aliases"] == ["bridge"]
    assert SERVICES["gateway-subscriber"]["command"] == [f"tcp://bridge:{port}"]


@pytest.mark.parametrize("name", SUBSCRIBERS.values())
def test_the_subscriber_runs_an_example_that_exists(name: str) -> None:
    python, program = SERVICES[name]["entrypoint"]
    folder, inside = next(iter((s, d) for s, d in mounts(name).items() if s.startswith(".")))
    assert python == "python"
    assert (ROOT / folder / Path(program).relative_to(inside)).is_file()


def test_state_lies_on_volumes_of_its_own() -> None:
    for name in BRIDGES.values():
        (folder,) = (inside for source, inside in mounts(name).items() if source.endswith("-state"))
        assert environment(name)["TWS_BRIDGE_STATE"].startswith(f"{folder}/")
    used = {name for service in SERVICES for name in mounts(service) if not name.startswith(".")}
    assert used == set(COMPOSE["volumes"])
    assert not set(mounts("bridge")) & set(mounts("gateway-bridge"))


# Secrets


def test_no_password_or_key_is_in_an_environment_or_on_a_command_line() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN|_KEY$", variable):
                assert re.match(r"/run/secrets/\w+$|/etc/tws-bridge/bridge\.public$", value) or (name, value) == (
                    "bridge",
                    "/tmp/console_token",
                ), (name, variable)
        assert not re.search(r"password|secret", str([service.get("command"), service.get("entrypoint")]), re.I)
    assert not re.search(r"\$\{\w*PASSWORD", TEXT)


def test_each_secret_is_seen_by_the_one_service_that_needs_it() -> None:
    seen = {name: service["secrets"] for name, service in SERVICES.items() if "secrets" in service}
    assert seen == {
        "gateway": ["tws_password"],
        "gateway-bridge": ["bridge_key", "console_token"],
        "gateway-subscriber": ["example_key"],
    }
    assert sorted(COMPOSE["secrets"]) == sorted(secret for secrets in seen.values() for secret in secrets)
    for name, secrets in seen.items():
        assert {f"/run/secrets/{secret}" for secret in secrets} <= set(environment(name).values())


def test_git_and_the_builder_never_see_the_folder_of_secrets() -> None:
    assert "/site/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    allowed = {line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    assert not any("site" in line.split("/") for line in allowed)
    assert all(file["file"].startswith("./site/") for file in COMPOSE["secrets"].values())


def test_no_service_needs_what_podman_compose_ignores() -> None:
    """It starts a service with `configs` without them, and says nothing."""
    assert "configs" not in COMPOSE
    assert [name for name, service in SERVICES.items() if "configs" in service] == []


def test_a_mounted_file_or_folder_that_is_missing_is_named_and_not_made_for_root() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            assert isinstance(volume, str) or volume["bind"] == {"create_host_path": False}


# The settings mean what they should


def test_the_configuration_lies_in_a_mounted_folder_so_that_a_reload_sees_a_file_that_replaces_it() -> None:
    """A container that has the file mounted by itself keeps the old one after `mv`, `sed -i` and most editors."""
    (flag,) = (part for part in SERVICES["gateway-bridge"]["command"] if part.startswith("--config="))
    config = Path(flag.removeprefix("--config="))
    (mount,) = (volume for volume in SERVICES["gateway-bridge"]["volumes"] if isinstance(volume, dict))
    assert (mount["type"], mount["read_only"], Path(mount["target"])) == ("bind", True, config.parent)
    prepare = (ROOT / "docker" / "prepare.sh").read_text(encoding="utf-8")
    assert f"> {mount['source'].removeprefix('./')}/{config.name}" in prepare


@pytest.mark.parametrize("name", BRIDGES.values())
def test_the_bridge_accepts_its_settings(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bridge_toml: Path
) -> None:
    for variable, value in environment(name).items():
        monkeypatch.setenv(variable, value)
    if "TWS_BRIDGE_KEY" in environment(name):
        monkeypatch.setenv("TWS_BRIDGE_KEY", str(keys.write_new(tmp_path, "bridge")[1]))
    token = tmp_path / "console_token"
    token.write_text("0123456789abcdef0123456789abcdef")
    token.chmod(0o600)
    monkeypatch.setenv("TWS_BRIDGE_HTTP_TOKEN", str(token))
    command = SERVICES[name]["command"]
    assert command[0] == "run"
    settings = load({}, bridge_toml if "--config=/etc/tws-bridge/bridge.toml" in command else None)
    assert str(settings.state) == environment(name)["TWS_BRIDGE_STATE"]
    assert (settings.key is not None) == (name == "gateway-bridge")
    if settings.key is not None:
        daily, weekly = settings.planned_restarts
        written = variables("docker/gateway.env")
        assert str(daily.zone) == str(weekly.zone) == written["TIME_ZONE"]
        assert f"{daily.begins:%I:%M %p}" == written["AUTO_RESTART_TIME"]
        assert (f"{weekly.begins:%H:%M}", weekly.days) == (written["TWS_COLD_RESTART"], ["sun"])


def test_the_simulators_bridge_makes_the_token_that_the_guide_names(tmp_path: Path) -> None:
    """Its script, with another folder for /tmp and another program."""
    file = tmp_path / "console_token"
    program, flag, script, name = SERVICES["bridge"]["entrypoint"]
    script = script.replace("/tmp/console_token", str(file)).replace("tws-bridge", "echo").replace("$$", "$")
    done = subprocess.run([program, flag, script, name, "run"], capture_output=True, text=True, check=True)
    assert done.stdout == "run\n"
    token = load_token(file)
    assert f"`{token}`" in (ROOT / "docs" / "guides" / "deployment.md").read_text(encoding="utf-8")


@pytest.fixture
def bridge_toml(tmp_path: Path) -> Path:
    """What docker/prepare.sh makes of docker/bridge.toml."""
    text = (ROOT / "docker" / "bridge.toml").read_text(encoding="utf-8")
    path = tmp_path / "bridge.toml"
    key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
    path.write_text(f'{text}\n[clients.example]\npublic_key = "{key}"\nroles = ["observe"]\n', encoding="utf-8")
    return path


def test_the_simulator_understands_its_command() -> None:
    parser().parse_args(SERVICES["simulator"]["command"])
