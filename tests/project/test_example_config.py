"""The configurations in the guides are ones that the bridge takes, and show what they say they show."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path

from bridge import keys
from bridge.client_settings import ClientRights
from bridge.session.rights.grants import ROLES
from bridge.settings import load

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "security.md").read_text(encoding="utf-8")


def shown() -> str:
    (block,) = re.findall(r"```toml\n(.*?)```", GUIDE, flags=re.DOTALL)
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
        assert f"`{name}`" in GUIDE


def test_the_roles_are_the_roles() -> None:
    rows = GUIDE.split("| role | may |\n", 1)[1].split("\n\n", 1)[0]
    assert tuple(re.findall(r"^\| `(\w+)` ", rows, flags=re.MULTILINE)) == ROLES


def test_the_brief_settings_are_those_of_the_scenarios() -> None:
    docs = Path(__file__).parents[2] / "docs"
    (block,) = re.findall(r"```toml\n(.*?)```", (docs / "guides" / "testing.md").read_text(), flags=re.DOTALL)
    lines = re.findall(
        r"^(?: {4})?(\w+ = [\d.]+)$", (docs / "reference" / "scenarios.md").read_text(), flags=re.MULTILINE
    )
    assert tomllib.loads(block) == tomllib.loads("\n".join(lines))
