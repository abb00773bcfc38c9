"""What the bridge can be told, by flag, environment (`TWS_BRIDGE_*`) and TOML file, in this order; typed and checked.

Every mistake is reported with the place where it was made. Secrets have no place here, only the path of a key file has.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bridge import keys
from bridge.bus import endpoints
from bridge.bus.zap import Access
from bridge.client_settings import ClientRights, Name, conflicts, public_keys
from bridge.planned_restart_settings import PlannedRestartSettings
from bridge.session import SessionConfig
from bridge.session.link import Timing
from bridge.session.rights.permissions import Permissions
from bridge.session.streams.upstream import SubscriptionTiming

ENVIRONMENT = "TWS_BRIDGE_"
EVENTS = "tcp://127.0.0.1:7501"
REQUESTS = "tcp://127.0.0.1:7500"

#: Strict, as all numbers here: what TOML calls true or "1" is none. Text of flags and variables is read before.
Seconds = Annotated[
    float, Field(strict=True, gt=0, le=86_400, allow_inf_nan=False, json_schema_extra={"unit": "seconds"})
]
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


#: Pydantic's type of a mistake -> what we say of it, where its own words would not do.
_WORDS = {"extra_forbidden": "there is no such setting", "missing": "required"}


class SettingsError(Exception):
    """Settings that cannot be; `problems` holds a line for each, with its place."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class BridgeSettings(BaseSettings):
    """Made by `load`. Durations in seconds."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix=ENVIRONMENT)

    tws: str = Field("127.0.0.1:7497", description="HOST:PORT where TWS or IB Gateway listens.")
    client_id: int = Field(
        1,
        strict=True,
        ge=0,
        le=2**31 - 1,
        description="The client ID of the bridge at TWS. No other program may use it.",
    )
    key: Path | None = Field(
        None,
        description="The file with the bridge's own CURVE keys, as `tws-bridge keys new` writes it. With it the bridge "
        "encrypts both endpoints and admits only the clients that the configuration names.",
    )
    events: str = Field(
        EVENTS, description="The endpoint where the bridge publishes events. Without `key`: loopback or ipc only."
    )
    requests: str = Field(
        REQUESTS, description="The endpoint where the bridge takes requests. Without `key`: loopback or ipc only."
    )
    state: Path = Field(
        Path("tws-bridge-state"),
        description="The folder where the bridge keeps its state. No other bridge may use it, and only its owner may "
        "read it.",
    )
    optional_capabilities: str = Field(
        "", description="The optional capabilities that the bridge sends to TWS in `startApi`."
    )
    request_timeout: Seconds = Field(
        30.0, description="How long a request without a `timeout` of its own waits for TWS until `noResponse`."
    )
    subscribe_grace: Seconds = Field(
        2.0,
        description="After this time without a word of TWS the bridge answers a subscription with `confirmed: false`.",
    )
    subscribe_retry: Seconds = Field(
        10.0,
        description="After this time without a word of TWS the bridge asks for the subscription again, up to twice.",
    )
    subscribe_verify: Seconds = Field(
        20.0,
        description="After an outage in which TWS says that it kept a subscription, the bridge waits this long for its "
        "first event. Then it asks for the subscription again.",
    )
    subscribe_again: Seconds = Field(
        300.0,
        description="The time between two questions for a subscription on which TWS has said nothing after three.",
    )
    lease: Seconds = Field(
        30.0,
        description="After this time without a request of a client the bridge counts the client as lost and releases "
        "its streams. A client that still listens to events with a key of its own keeps them.",
    )
    settle_pause: Seconds = Field(
        60.0, description="The time between two passes over TWS's lists when the bridge looks for an unknown order."
    )
    connect_timeout: Seconds = Field(
        10.0, description="If TCP has not opened after this time, the bridge gives up the try."
    )
    handshake_timeout: Seconds = Field(
        15.0,
        description="If TWS has not answered the handshake after this time, `system.connection` says why that may be. "
        "The bridge keeps the socket.",
    )
    start_timeout: Seconds = Field(
        20.0,
        description="If TWS has not sent the accounts and the next order id after this time, `system.connection` says "
        "why that may be. The bridge keeps the socket.",
    )
    patience: Seconds = Field(
        300.0,
        description="How long the bridge keeps such a socket, so that a person can answer a dialog of TWS. "
        "Then it gives up the try.",
    )
    quiet: Seconds = Field(5.0, description="After this time without a byte from TWS the bridge asks TWS for the time.")
    silence: Seconds = Field(
        9.0,
        description="If TWS still sends nothing after this further time, or takes no byte for this time, the "
        "connection is lost.",
    )
    frame_timeout: Seconds = Field(
        20.0, description="If a message that has begun is not complete after this time, the connection is lost."
    )
    first_backoff: Seconds = Field(
        1.0, description="The pause before the next try to connect. The bridge doubles it after each try that fails."
    )
    longest_backoff: Seconds = Field(
        30.0,
        description="The longest pause. After a connection that lasted longer than this the pauses begin at "
        "`first_backoff` again.",
    )
    most_waiting: int = Field(
        1000,
        strict=True,
        ge=0,
        le=1_000_000,
        description="How many requests may wait for TWS. The bridge answers further ones with `notConnected`.",
        json_schema_extra={"unit": "requests"},
    )
    event_queue: int = Field(
        100_000,
        strict=True,
        ge=1,
        le=100_000_000,
        description="How many events may wait for one subscriber that reads too slowly. The bridge drops further ones, "
        "and the subscriber sees a hole in `seq`.",
        json_schema_extra={"unit": "events"},
    )
    market_data_type: Annotated[int, Field(strict=True, ge=1, le=4)] | None = Field(
        None,
        description="The kind of market data that the bridge asks TWS for on each connection: 1 live, 2 frozen, 3 "
        "delayed, 4 delayed and frozen. Without it TWS sends live data.",
    )
    trading_mode: Literal["paper", "live"] | None = Field(
        None, description="The kind of accounts that TWS must have. If TWS has others, the bridge refuses orders."
    )
    async_connect: Annotated[bool, Field(strict=True)] = Field(
        False,
        description="Whether the bridge sends `startApi` only after it has published the server version, as IBKR's "
        "client does with AsyncEConnect.",
    )
    planned_restarts: list[PlannedRestartSettings] = Field(
        default_factory=list, description="The restarts of TWS and resets of IBKR that you expect."
    )
    clients: dict[Name, ClientRights] = Field(
        default_factory=dict,
        description="The clients that may use the bridge, by name. Without any, and without `key`, everyone may.",
    )

    @field_validator("tws")
    @classmethod
    def _address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host.strip("[]") or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError(f"'{value}' is not HOST:PORT")
        return value

    @field_validator("events", "requests")
    @classmethod
    def _endpoint(cls, value: str, info: ValidationInfo) -> str:
        return endpoints.check(value, curve=info.data.get("key") is not None)

    @property
    def permissions(self) -> Permissions:
        """Who may do what; anyone anything where neither clients nor a key are given."""
        if not self.clients and self.key is None:
            return Permissions()
        return Permissions({name: client.grant for name, client in self.clients.items()})

    def access(self, permissions: Permissions) -> Access | None:
        """Who may connect; None without a key of our own. Raises keys.KeyFileError."""
        if self.key is None:
            return None
        names = {client.public_key: name for name, client in self.clients.items() if client.public_key is not None}
        return Access(keys.load(self.key), names, permissions.hears)

    @property
    def rules(self) -> SessionConfig:
        host, _, port = self.tws.rpartition(":")
        return SessionConfig(
            host=host.strip("[]"),
            port=int(port),
            client_id=self.client_id,
            request_timeout=self.request_timeout,
            patience=SubscriptionTiming(
                self.subscribe_grace, self.subscribe_retry, self.subscribe_verify, self.subscribe_again
            ),
            lease=self.lease,
            settle_pause=self.settle_pause,
            most_waiting=self.most_waiting,
            market_data_type=self.market_data_type,
            trading_mode=self.trading_mode,
            async_connect=self.async_connect,
            planned_restarts=tuple(restart.planned for restart in self.planned_restarts),
            permissions=self.permissions,
            timing=Timing(
                connect=self.connect_timeout,
                handshake=self.handshake_timeout,
                start=self.start_timeout,
                patience=self.patience,
                quiet=self.quiet,
                silence=self.silence,
                frame=self.frame_timeout,
                first_backoff=self.first_backoff,
                longest_backoff=self.longest_backoff,
            ),
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands over: it has merged the places, and remembers which said what."""
        return (init_settings,)


def load(flags: Mapping[str, Any], config: Path | None = None) -> BridgeSettings:
    """Settings from flags (those that were given, by field name), the environment and a TOML file.

    Raises SettingsError with a line for each mistake: the flag, the variable, or the file and key.
    """
    said = {f"--{name.replace('_', '-')}": {name: value} for name, value in flags.items()}
    file = _file(config) if config is not None else {}
    if f"{ENVIRONMENT}CLIENTS" in os.environ:
        raise SettingsError([f"{ENVIRONMENT}CLIENTS: clients are named in the configuration file only"])
    environment = EnvSettingsSource(BridgeSettings)()
    merged = {**file, **_numbers(environment), **_numbers(flags)}
    places = {name: f"{config}: {name}" for name in file}
    places |= {name: ENVIRONMENT + name.upper() for name in environment}
    places |= {name: place for place, values in said.items() for name in values}
    problems: list[str] = []
    try:
        settings = BridgeSettings(**merged)
    except ValidationError as error:
        problems += [_line(problem, places) for problem in error.errors(include_url=False)]
    problems += [f"{places.get(name, name)}{rest}: {message}" for name, rest, message in _conflicts(merged)]
    if problems:
        raise SettingsError(problems)
    return settings


def _numbers(said: Mapping[str, Any]) -> dict[str, Any]:
    """Flags and variables are text: numbers where the setting is one. What is none stays, and is told as a mistake."""
    return {name: _typed(name, value) for name, value in said.items()}


def _typed(name: str, value: Any) -> Any:
    if name in _SWITCHES:
        return _WORDS_OF_SWITCHES.get(str(value).lower(), value)
    return value if name in _TEXTS else _number(value)


def _number(value: Any) -> Any:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return value
    return float(value) if "." in value else int(value)


#: Settings that are text, however much it looks like a number.
_TEXTS = frozenset(
    name for name, field in BridgeSettings.model_fields.items() if field.annotation in (str, Path, Path | None)
)


#: Settings that are on or off, and how a variable says so.
_SWITCHES = frozenset({"async_connect"})
_WORDS_OF_SWITCHES = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


def _conflicts(said: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What is wrong between settings: setting, rest of the place, message. Looks at what was said, for a setting that
    is wrong by itself must not hide this.
    """
    requests = said.get("requests", REQUESTS)
    if requests == said.get("events", EVENTS) and not str(requests).endswith(("*", ":0")):
        yield "requests", "", f"{requests} is the endpoint for events, too: each needs one of its own"
    own_key, clients = None, public_keys(said.get("clients"))
    keyed = said.get("key") is not None
    if isinstance(said.get("key"), str | Path):
        try:
            own_key = keys.load(Path(said["key"])).public
        except keys.KeyFileError as error:
            yield "key", "", str(error)
    if keyed and not said.get("clients"):
        yield "key", "", "with a key only clients that are named may connect, and `clients` names none"
    for place, message in conflicts(clients, keyed=keyed, own_key=own_key):
        yield "clients", f".{place}", message


def _file(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError([f"{config}: {os.strerror(error.errno or 0)}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{config}: {error}"]) from None


def _line(problem: Any, places: Mapping[str, str]) -> str:
    name, *rest = [str(step) for step in problem["loc"] if step != "[key]"] or [""]
    message = _WORDS.get(problem["type"], problem["msg"])
    return f"{'.'.join([places.get(name, name), *rest])}: {message.removeprefix('Value error, ')}"
