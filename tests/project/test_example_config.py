"""The configuration that README.md shows is one that the bridge takes, and its table of roles is the roles."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path

from bridge import keys
from bridge.client_settings import ClientRights
from bridge.session.rights.grants import ROLES
from bridge.settings import load

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def shown() -> str:
    (block,) = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)
    return str(block)


def test_the_bridge_takes_it(tmp_path: Path) -> None:
    keys.write_new(tmp_path, "bridge")
    config = tmp_path / "bridge.toml"
    config.write_text(shown().replace('"bridge.secret"', f'"{tmp_path}/bridge.secret"'))
    settings = load({}, config)
    assert settings.events == "tcp://0.0.0.0:7501"
    assert settings.permissions.grant("momentum").max_order_notional == {"USD": Decimal(100000)}


def test_it_and_the_text_show_every_right() -> None:
    (fullest,) = (client for client in tomllib.loads(shown())["clients"].values() if len(client) > 2)
    assert set(ClientRights.model_fields) - set(fullest) == {"regulatory_snapshots", "manual_orders", "when_lost"}
    for name in ("regulatory_snapshots", "manual_orders", "when_lost"):
        assert f"`{name}`" in README


def test_the_roles_are_the_roles() -> None:
    rows = README.split("| role | may |\n", 1)[1].split("\n\n", 1)[0]
    assert tuple(re.findall(r"^\| `(\w+)` ", rows, flags=re.MULTILINE)) == ROLES
