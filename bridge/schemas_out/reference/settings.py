"""The page `settings.md`: each setting with its flag, variable, key in the file, type, default, unit and meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from bridge.client_settings import ClientRights
from bridge.commands.bridge import FLAGS
from bridge.commands.simulator import SETTINGS
from bridge.planned_restart_settings import PlannedRestartSettings
from bridge.schemas_out.reference.described import allowed, kind_of
from bridge.schemas_out.reference.text import code, link, table, written_by
from bridge.settings import ENVIRONMENT, BridgeSettings, reload_of
from bridge.simulator import SimulatorSettings

#: Settings of the bridge that are tables of the file, with the model of each.
TABLES: dict[str, type[BaseModel]] = {"planned_restarts": PlannedRestartSettings, "clients": ClientRights}
#: Settings that no environment variable can give.
FILE_ONLY = frozenset({"clients"})

_HEAD = f"""# Settings

{written_by("`bridge/settings.py`, `client_settings.py`, `planned_restart_settings.py` and `simulator/settings.py`")}
The bridge reads its settings when it starts, and again on SIGHUP or the method [`reload`](methods.md#reload). A reload
takes over what the column "taken over at a" calls `reload`, as a whole or not at all. `tws-bridge run --check-config`
reports every mistake in the settings.

## The bridge

A setting is a key of the TOML file that `--config` names. Each has an environment variable, except `clients`, and some
also have a flag of [`tws-bridge run`](cli.md#tws-bridge-run). The flag overrides the variable, and the variable
overrides the file. `{ENVIRONMENT}PLANNED_RESTARTS` is a JSON list.

"""
_RESTARTS = """
## planned_restarts

Each planned restart is a table `[[planned_restarts]]` of the file.

"""
_CLIENTS = """
## clients

Each client is a table `[clients.NAME]` of the file. The name has 1 to 64 of the characters `A-Z a-z 0-9 _ -`, and is
not `external`. If a limit is absent, the bridge does not limit the client.

"""
_SIMULATOR = """
## The simulator

The simulator reads no file and no environment variable. [`tws-bridge simulate`](cli.md#tws-bridge-simulate) has a flag
for most settings. A Python program can set all of them in `bridge.simulator.SimulatorSettings`.

"""


def settings_page() -> str:
    """The whole page."""
    return "".join(
        (
            _HEAD,
            _table(BridgeSettings, ("key", "flag", "environment variable", "taken over at a"), _places),
            _RESTARTS,
            _table(PlannedRestartSettings, ("key",), lambda name: (code(name),)),
            _CLIENTS,
            _table(ClientRights, ("key",), lambda name: (code(name),)),
            _SIMULATOR,
            _table(SimulatorSettings, ("setting", "flag"), lambda name: (code(name), _simulator_flag(name))),
        )
    )


def variable(name: str) -> str:
    return ENVIRONMENT + name.upper()


def _places(name: str) -> tuple[str, str, str, str]:
    """The key, the flag and the variable of a setting of the bridge, and when another value of it counts."""
    key = link(code(name), "", name) if name in TABLES else code(name)
    in_environment = "" if name in FILE_ONLY else code(variable(name))
    return key, code(flag(name)) if name in FLAGS else "", in_environment, reload_of(name).value


def flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _simulator_flag(name: str) -> str:
    return code(flag(name)) if name in SETTINGS else ""


class _Lenient(GenerateJsonSchema):
    """Writes a type that JSON Schema does not have, such as a time zone, as a string."""

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> JsonSchemaValue:
        return {"type": "string"}


def _table(model: type[BaseModel], head: tuple[str, ...], places: Any) -> str:
    """A row for each setting; `places` gives the cells of `head`."""
    schemas = model.model_json_schema(schema_generator=_Lenient)["properties"]
    rows = [
        (
            *places(name),
            "table" if name in TABLES and model is BridgeSettings else kind_of(schemas[name], code),
            _default(field),
            _unit(field),
            allowed(schemas[name]),
            field.description or "",
        )
        for name, field in model.model_fields.items()
    ]
    return table((*head, "type", "default", "unit", "allowed", "meaning"), rows)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    return "" if value in (None, "", [], {}) else code(_toml(value))


def _toml(value: object) -> str:
    """The value in the form of the TOML file."""
    match value:
        case bool():
            return str(value).lower()
        case str() | Path():
            return f'"{value}"'
        case list() | tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case _:
            return str(value)


def _unit(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra.get("unit", "")) if isinstance(extra, dict) else ""
