"""The settings of the bridge. A flag wins over an environment variable (`TWS_BRIDGE_*`), and that over the TOML file.

Each mistake is reported with its place: the flag, the variable, or the file and key. Settings have no secrets, only the
path of the key file.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from enum import Enum
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
from bridge.bus.zap import AccessList
from bridge.client_settings import ClientRights, Name, conflicts, public_keys
from bridge.http.token import TokenFileError, load_token
from bridge.planned_restart_settings import PlannedRestartSettings
from bridge.session import SessionConfig
from bridge.session.bounds import Bounds
from bridge.session.link import LinkTiming
from bridge.session.rights.permissions import Permissions
from bridge.session.streams.upstream import SubscriptionTiming
from bridge.toml_lines import line_of, lines_of
from tws_bridge_client.wire import EVENTS, REQUESTS

ENVIRONMENT = "TWS_BRIDGE_"

#: Numbers are strict: TOML's true and "1" are not numbers. `_numbers` converts the text of flags and variables.
#: Lines of one kind.
Count = Annotated[int, Field(strict=True, ge=0, le=100_000)]
Seconds = Annotated[
    float, Field(strict=True, gt=0, le=86_400, allow_inf_nan=False, json_schema_extra={"unit": "seconds"})
]
Bytes = Annotated[int, Field(strict=True, ge=4 << 20, le=1 << 40)]
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Reload(Enum):
    """When the bridge takes over another value of a setting. Each setting declares it."""

    #: When the configuration is reloaded.
    LIVE = "reload"
    #: When the bridge starts.
    RESTART = "restart"


LIVE, RESTART = Reload.LIVE, Reload.RESTART

_OF_CLIENTS = {"CLIENT", "CLIENT_KEY", "SERVER_KEY", "CLIENT_STATE"}
_OF_KUBERNETES = re.compile(r"SERVICE_(HOST|PORT.*)|PORT|PORT_[0-9]+_.*")


#: Our messages for some of pydantic's types of mistakes.
_WORDS = {"extra_forbidden": "there is no such setting", "missing": "required"}


#: A larger configuration file is refused. Reading it stops nothing, but the one who reloads waits.
MOST_BYTES = 500_000
#: So many mistakes of one kind are told.
MOST_PROBLEMS = 100


class SettingsError(Exception):
    """The settings have mistakes; `problems` has a line for each, with its place."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class BridgeSettings(BaseSettings):
    """All settings of the bridge; `load` makes them. Durations are in seconds."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix=ENVIRONMENT)

    tws: Annotated[str, RESTART] = Field("127.0.0.1:7497", description="HOST:PORT where TWS or IB Gateway listens.")
    client_id: Annotated[int, RESTART] = Field(
        1,
        strict=True,
        ge=0,
        le=2**31 - 1,
        description="The client ID of the bridge at TWS. No other program may use it.",
    )
    key: Annotated[Path | None, RESTART] = Field(
        None,
        description="The file with the bridge's own CURVE keys, as `tws-bridge keys new` writes it. With it the bridge "
        "encrypts both endpoints and admits only the clients that the configuration names.",
    )
    events: Annotated[str, RESTART] = Field(
        EVENTS, description="The endpoint where the bridge publishes events. Without `key`: loopback or ipc only."
    )
    requests: Annotated[str, RESTART] = Field(
        REQUESTS, description="The endpoint where the bridge takes requests. Without `key`: loopback or ipc only."
    )
    http: Annotated[str | None, RESTART] = Field(
        None,
        description="HOST:PORT where the bridge serves metrics, health checks and the overview over HTTP. Without "
        "`http_token`: loopback only. Without this setting there is no HTTP server.",
    )
    http_token: Annotated[Path | None, RESTART] = Field(
        None,
        description="The file with the token that HTTP clients must send as `Authorization: Bearer TOKEN`: one line of "
        "32 to 256 letters, digits and `-._~+/=`. Only its owner may read it.",
    )
    ipc_access: Annotated[Literal["owner", "group"], RESTART] = Field(
        "owner",
        description="Who may connect to an ipc endpoint: the user of the bridge alone, or the group of the socket's "
        "file too. The folder must admit the group as well.",
    )
    state: Annotated[Path, RESTART] = Field(
        Path("tws-bridge-state"),
        description="The folder where the bridge keeps its state. No other bridge may use it, and only its owner may "
        "read it.",
    )
    optional_capabilities: Annotated[str, RESTART] = Field(
        "", description="The optional capabilities that the bridge sends to TWS in `startApi`."
    )
    request_timeout: Annotated[Seconds, LIVE] = Field(
        30.0,
        description="How long the bridge waits for TWS, if the request has no `timeout`. Then it answers `noResponse`.",
    )
    messages_per_second: Annotated[int, LIVE] = Field(
        50,
        ge=0,
        le=10_000,
        description="How many messages the bridge sends to TWS in a second at most. TWS accepts half as many as the "
        "user has market data lines. 0 means no limit.",
    )
    subscribe_grace: Annotated[Seconds, LIVE] = Field(
        2.0,
        description="If TWS has not answered a subscription after this time, the bridge answers the client with "
        "`confirmed: false`.",
    )
    subscribe_retry: Annotated[Seconds, LIVE] = Field(
        10.0,
        description="If TWS has not answered a subscription after this time, the bridge sends it again, up to twice.",
    )
    subscribe_verify: Annotated[Seconds, LIVE] = Field(
        20.0,
        description="If TWS says that it kept a subscription through an outage, the bridge waits this long for its "
        "first event. Then it sends the subscription again.",
    )
    subscribe_again: Annotated[Seconds, LIVE] = Field(
        300.0,
        description="If TWS has not answered a subscription three times, the bridge sends it again after each such "
        "pause.",
    )
    lease: Annotated[Seconds, LIVE] = Field(
        30.0,
        description="After this time without a request from a client the bridge treats the client as lost and releases "
        "its streams. A client that has a key and still has a connection for events keeps them. After a reload a "
        "shorter lease holds for a client from its next `hello`.",
    )
    settle_pause: Annotated[Seconds, LIVE] = Field(
        60.0, description="The time between two passes over TWS's lists when the bridge looks for an unknown order."
    )
    connect_timeout: Annotated[Seconds, LIVE] = Field(
        10.0, description="If the TCP connection is not open after this time, the bridge ends the attempt."
    )
    handshake_timeout: Annotated[Seconds, LIVE] = Field(
        15.0,
        description="If TWS has not answered the handshake after this time, `system.connection` names the likely "
        "reasons. The bridge keeps the socket.",
    )
    start_timeout: Annotated[Seconds, LIVE] = Field(
        20.0,
        description="If TWS has not sent the accounts and the next order id after this time, `system.connection` names "
        "the likely reasons. The bridge keeps the socket.",
    )
    patience: Annotated[Seconds, LIVE] = Field(
        300.0,
        description="How long the bridge keeps a socket on which TWS does not answer, so that a person can answer a "
        "dialog of TWS. Then it ends the attempt.",
    )
    quiet: Annotated[Seconds, LIVE] = Field(
        5.0, description="After this time without a byte from TWS the bridge requests the time from TWS."
    )
    silence: Annotated[Seconds, LIVE] = Field(
        9.0,
        description="If TWS then sends nothing for this time, or accepts no byte for this time, the bridge treats "
        "the connection as lost.",
    )
    frame_timeout: Annotated[Seconds, LIVE] = Field(
        20.0,
        description="If a message from TWS is not complete this long after its first byte, the bridge treats the "
        "connection as lost.",
    )
    first_backoff: Annotated[Seconds, LIVE] = Field(
        1.0,
        description="The pause before the next attempt to connect. The bridge doubles it after each failed attempt.",
    )
    longest_backoff: Annotated[Seconds, LIVE] = Field(
        30.0,
        description="The longest pause between two attempts. After a connection that lasted longer than this the "
        "bridge begins with `first_backoff` again.",
    )
    most_waiting: Annotated[int, LIVE] = Field(
        1000,
        strict=True,
        ge=0,
        le=1_000_000,
        description="How many requests may wait for TWS. The bridge answers further ones with `notConnected`.",
        json_schema_extra={"unit": "requests"},
    )
    most_open_requests: Annotated[int, RESTART] = Field(
        20_000,
        strict=True,
        ge=2,
        le=1_000_000,
        description="How many requests may have no final reply yet, at most half of them of one client. The bridge "
        "answers further ones with `limitReached`; there is room for as many orders beyond that, and for as many "
        "cancels beyond those.",
        json_schema_extra={"unit": "requests"},
    )
    open_request_bytes: Annotated[Bytes, RESTART] = Field(
        32 << 20,
        description="How many bytes these requests may have together, at most half of them of one client. The bridge "
        "answers further ones with `limitReached`.",
        json_schema_extra={"unit": "bytes"},
    )
    stored_replies: Annotated[int, RESTART] = Field(
        50_000,
        strict=True,
        ge=2,
        le=10_000_000,
        description="How many final replies the bridge keeps for clients that send a request again, at most half of "
        "them of one client. It forgets replies to requests that only read first, and of these the oldest.",
        json_schema_extra={"unit": "replies"},
    )
    stored_reply_bytes: Annotated[Bytes, RESTART] = Field(
        64 << 20,
        description="How much memory these replies may take, about, at most half of it of one client. The bridge does "
        "not keep a reply that takes more than half.",
        json_schema_extra={"unit": "bytes"},
    )
    most_clients: Annotated[int, LIVE] = Field(
        1000,
        strict=True,
        ge=1,
        le=100_000,
        description="How many clients may use the bridge within a lease. The bridge answers further ones with "
        "`limitReached`.",
        json_schema_extra={"unit": "clients"},
    )
    most_streams: Annotated[int, LIVE] = Field(
        2000,
        strict=True,
        ge=2,
        le=100_000,
        description="How many subscriptions of all kinds the bridge keeps at TWS, of which one client may hold half. "
        "The bridge answers further ones with `limitReached`.",
        json_schema_extra={"unit": "streams"},
    )
    snapshot_events: Annotated[int, LIVE] = Field(
        250_000,
        strict=True,
        ge=1,
        le=10_000_000,
        description="How many events the reply to `snapshot` may have. The bridge answers a request for more with "
        "`tooLarge`.",
        json_schema_extra={"unit": "events"},
    )
    most_connections: Annotated[int, RESTART] = Field(
        1000,
        strict=True,
        ge=1,
        le=100_000,
        description="How many connections each of the two endpoints may have. The bridge ends further ones.",
        json_schema_extra={"unit": "connections"},
    )
    market_data_lines: Annotated[Count, LIVE] = Field(
        100,
        description="How many market data lines TWS has for the bridge: subscriptions and snapshots of market data, "
        "and real-time bars. The bridge refuses more with `linesExhausted`. 0: no limit.",
        json_schema_extra={"unit": "lines"},
    )
    market_depth_lines: Annotated[Count, LIVE] = Field(
        3,
        description="How many order books TWS serves at a time: 3, and more for users with more than 400 market data "
        "lines. 0: no limit.",
        json_schema_extra={"unit": "lines"},
    )
    tick_by_tick_lines: Annotated[Count, LIVE] = Field(
        5,
        description="How many tick-by-tick subscriptions TWS serves at a time: one for each 20 market data lines. "
        "0: no limit.",
        json_schema_extra={"unit": "lines"},
    )
    account_summary_lines: Annotated[Count, LIVE] = Field(
        2,
        description="How many account summaries TWS serves at a time. 0: no limit.",
        json_schema_extra={"unit": "lines"},
    )
    linger: Annotated[float, LIVE] = Field(
        5.0,
        ge=0.0,
        le=3600.0,
        description="How long the bridge keeps a subscription to market data at TWS after its last client has released "
        "it. If a client subscribes again in that time, TWS gets no message.",
        json_schema_extra={"unit": "seconds"},
    )
    event_queue: Annotated[int, RESTART] = Field(
        100_000,
        strict=True,
        ge=1,
        le=100_000_000,
        description="How many events may wait for one subscriber that reads too slowly. The bridge drops further ones, "
        "and the subscriber sees a hole in `seq`.",
        json_schema_extra={"unit": "events"},
    )
    cache_size: Annotated[int, RESTART] = Field(
        1024,
        strict=True,
        ge=0,
        le=1_000_000,
        description="How large the file may be in which the bridge keeps contract details, option chains and finished "
        "historical bars. 0: the bridge keeps nothing, and requests everything from TWS.",
        json_schema_extra={"unit": "MiB"},
    )
    market_data_type: Annotated[Annotated[int, Field(strict=True, ge=1, le=4)] | None, RESTART] = Field(
        None,
        description="The kind of market data that the bridge requests on each connection: 1 live, 2 frozen, 3 "
        "delayed, 4 delayed and frozen. Without it TWS sends live data.",
    )
    trading_mode: Annotated[Literal["paper", "live"] | None, RESTART] = Field(
        None, description="The kind of accounts that TWS must have. If TWS has others, the bridge refuses orders."
    )
    async_connect: Annotated[Annotated[bool, Field(strict=True)], RESTART] = Field(
        False,
        description="Whether the bridge sends `startApi` only after it has published the server version, as IBKR's "
        "client does with AsyncEConnect.",
    )
    log_format: Annotated[Literal["text", "json"], RESTART] = Field(
        "text",
        description="The form of the log on stderr: lines for people, or one JSON object in each line. Both have the "
        "same facts.",
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], RESTART] = Field(
        "info", description="The lowest level that the bridge logs. `debug` has each request with its outcome."
    )
    log_accounts: Annotated[bool, Field(strict=True), RESTART] = Field(
        False, description="Whether the log has account numbers. Without it, `DU1234567` is `DU***67` there."
    )
    planned_restarts: Annotated[list[PlannedRestartSettings], LIVE] = Field(
        default_factory=list, description="The restarts of TWS and resets of IBKR that you expect."
    )
    clients: Annotated[dict[Name, ClientRights], LIVE] = Field(
        default_factory=dict,
        description="The clients that may use the bridge, by name. Without clients and without `key`, all may.",
    )

    @field_validator("tws")
    @classmethod
    def _address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host.strip("[]") or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError(f"'{value}' is not HOST:PORT")
        if (mistake := _mistake_in_host(host.strip("[]"))) is not None:
            raise ValueError(f"'{value}': the host cannot exist: {mistake}")
        return value

    @field_validator("events", "requests")
    @classmethod
    def _endpoint(cls, value: str, info: ValidationInfo) -> str:
        return endpoints.check(value, curve=info.data.get("key") is not None)

    @field_validator("http")
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        if value is not None:
            endpoints.http_address(value)
        return value

    @property
    def permissions(self) -> Permissions:
        """The rights of the clients. Without clients and without a key, every client may do everything."""
        if not self.clients and self.key is None:
            return Permissions()
        return Permissions({name: client.grant for name, client in self.clients.items()}, has_keys=self.key is not None)

    def access(self, permissions: Permissions) -> AccessList | None:
        """The keys that may connect, or None if the bridge has no key. Raises keys.KeyFileError."""
        if self.key is None:
            return None
        return AccessList(keys.load(self.key), self.client_keys, permissions.hears)

    @property
    def client_keys(self) -> dict[str, str]:
        """The name of each client that has a key, by its public key."""
        return {client.public_key: name for name, client in self.clients.items() if client.public_key is not None}

    @property
    def lines(self) -> dict[str, int]:
        """How many lines of each kind TWS has for the bridge. 0: no limit."""
        return {
            "marketData": self.market_data_lines,
            "marketDepth": self.market_depth_lines,
            "tickByTick": self.tick_by_tick_lines,
            "accountSummary": self.account_summary_lines,
        }

    @property
    def rules(self) -> SessionConfig:
        """The settings of the session."""
        host, _, port = self.tws.rpartition(":")
        return SessionConfig(
            host=host.strip("[]"),
            port=int(port),
            client_id=self.client_id,
            request_timeout=self.request_timeout,
            patience=SubscriptionTiming(
                self.subscribe_grace,
                self.subscribe_retry,
                self.subscribe_verify,
                self.subscribe_again,
                linger=self.linger,
            ),
            lease=self.lease,
            settle_pause=self.settle_pause,
            most_waiting=self.most_waiting,
            bounds=Bounds(
                clients=self.most_clients,
                open_requests=self.most_open_requests,
                open_bytes=self.open_request_bytes,
                stored_replies=self.stored_replies,
                stored_bytes=self.stored_reply_bytes,
                streams=self.most_streams,
                snapshot_events=self.snapshot_events,
            ),
            messages_per_second=self.messages_per_second or None,
            lines={line: limit for line, limit in self.lines.items() if limit},
            market_data_type=self.market_data_type,
            trading_mode=self.trading_mode,
            async_connect=self.async_connect,
            caches=self.cache_size > 0,
            planned_restarts=tuple(restart.planned for restart in self.planned_restarts),
            permissions=self.permissions,
            timing=LinkTiming(
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
        """Use only the values from `load`, which has merged the sources and knows the source of each value."""
        return (init_settings,)


def reload_of(name: str) -> Reload:
    """When the bridge takes over another value of this setting."""
    (declared,) = (mark for mark in BridgeSettings.model_fields[name].metadata if isinstance(mark, Reload))
    return declared


def unknown_variables() -> list[str]:
    """Return a line for each environment variable that looks like a setting and is none, perhaps a misspelt one.

    Clients read some variables, too, and Kubernetes sets some for a service with the name tws-bridge.
    """
    known = {name.upper() for name in BridgeSettings.model_fields} | _OF_CLIENTS
    lines = []
    for variable in sorted(os.environ):
        name = variable.removeprefix(ENVIRONMENT)
        if name == variable or name in known or _OF_KUBERNETES.fullmatch(name):
            continue
        near = get_close_matches(name, known, 1)
        hint = f"; did you mean {ENVIRONMENT}{near[0]}?" if near else ""
        lines.append(f"{variable}: there is no such setting, and the bridge ignores it{hint}")
    return lines


def load(flags: Mapping[str, Any], config: Path | None = None) -> BridgeSettings:
    """Read the settings from flags, the environment and a TOML file.

    `flags` has the given flags, by field name. `config` is the path of the file, or None. Raises SettingsError with a
    line for each mistake.
    """
    given = {f"--{name.replace('_', '-')}": {name: value} for name, value in flags.items()}
    file, text = _file(config) if config is not None else ({}, "")
    if f"{ENVIRONMENT}CLIENTS" in os.environ:
        raise SettingsError([f"{ENVIRONMENT}CLIENTS: only the configuration file can name clients"])
    environment = EnvSettingsSource(BridgeSettings)()
    merged = {**file, **_numbers(environment), **_numbers(flags)}
    places = {name: f"{config}: {name}" for name in file}
    places |= {name: ENVIRONMENT + name.upper() for name in environment}
    places |= {name: place for place, values in given.items() for name in values}
    wrong: list[Any] = []
    try:
        settings = BridgeSettings(**merged)
    except ValidationError as error:
        wrong = error.errors(include_url=False)
    conflicts = list(_conflicts(merged))
    if not wrong and not conflicts:
        return settings
    lines = lines_of(text)
    problems = [_line(problem, places, lines) for problem in wrong[:MOST_PROBLEMS]]
    for name, rest, told in conflicts[:MOST_PROBLEMS]:
        message = _without_path(told, merged[name]) if name in _PATHS and not rest else told
        path = (name, *filter(None, rest.split(".")))
        problems.append(f"{places.get(name, name)}{rest}: {message}{_at_line(path, places, lines)}")
    if (count := len(wrong) + len(conflicts)) > len(problems):
        problems.append(f"{config or 'settings'}: {count - len(problems)} more mistakes")
    raise SettingsError(problems)


def load_again(flags: Mapping[str, Any], config: Path | None) -> BridgeSettings:
    """Read the settings for a reload. Raises SettingsError, also if the file cannot be the one that was written last.

    A container may have the file mounted by itself. If an editor, `mv` or `sed -i` then replaces the file outside, the
    container keeps the old one, which has no name any more.
    """
    settings = load(flags, config)
    if config is not None and config.stat().st_nlink == 0:
        what = "the file was deleted or replaced where it is mounted from, and the bridge sees the old one"
        raise SettingsError([f"{config}: {what}: mount its folder instead, and restart the bridge"])
    return settings


def _mistake_in_host(host: str) -> str | None:
    """Why no computer can have this name or address; None if one can."""
    if any(character.isspace() or not character.isprintable() for character in host):
        return "it has a space or a control character"
    try:
        host.encode("idna")
    except UnicodeError as error:
        return "a part between two dots is empty or too long" if "label" in str(error) else str(error)
    return None


def _numbers(given: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the text of flags and variables to numbers. Text that is not a number stays, and is a mistake later."""
    return {name: _typed(name, value) for name, value in given.items()}


def _typed(name: str, value: Any) -> Any:
    if name in _SWITCHES:
        return _SWITCH_WORDS.get(str(value).lower(), value)
    return value if name in _TEXTS else _number(value)


def _number(value: Any) -> Any:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return value
    return float(value) if "." in value else int(value)


#: Settings that are text, even if the value looks like a number.
_TEXTS = frozenset(
    name
    for name, field in BridgeSettings.model_fields.items()
    if field.annotation in (str, str | None, Path, Path | None)
)


#: Settings that are the path of a file or a folder.
_PATHS = frozenset(
    name for name, field in BridgeSettings.model_fields.items() if field.annotation in (Path, Path | None)
)


def _without_path(message: str, value: Any) -> str:
    """The message without the path at its beginning, if nothing is there: someone may have written the secret itself.

    Mistakes go to the log and to each admin who reloads.
    """
    if not isinstance(value, str | Path) or os.path.lexists(value):
        return message
    if not message.startswith(before := f"{Path(value)}: "):
        return message
    return f"expected the path of a file (not shown, it may be a secret): {message.removeprefix(before)}"


#: Settings that are on or off, and the words for it in a variable.
_SWITCHES = frozenset({"async_connect", "log_accounts"})
_SWITCH_WORDS = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


def _conflicts(given: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yields the mistakes between several settings, as (setting, rest of the place, message).

    It looks at the raw values, so that a mistake in one setting does not hide these.
    """
    requests = given.get("requests", REQUESTS)
    if requests == given.get("events", EVENTS) and not str(requests).endswith(("*", ":0")):
        yield "requests", "", f"{requests} is also the endpoint for events; each needs its own"
    own_key, clients = None, public_keys(given.get("clients"))
    keyed = given.get("key") is not None
    if isinstance(given.get("key"), str | Path):
        try:
            own_key = keys.load(Path(given["key"])).public
        except keys.KeyFileError as error:
            yield "key", "", str(error)
    yield from _http_conflicts(given)
    if keyed and not given.get("clients"):
        yield "key", "", "with a key only the clients in `clients` may connect, and it has none"
    for place, message in conflicts(clients, keyed=keyed, own_key=own_key):
        yield "clients", f".{place}", message


def _http_conflicts(given: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yields the mistakes in `http` and `http_token` together."""
    address, token = given.get("http"), given.get("http_token")
    if isinstance(token, str | Path):
        try:
            load_token(Path(token))
        except TokenFileError as error:
            yield "http_token", "", str(error)
        if address is None:
            yield "http_token", "", "there is no HTTP server without `http`"
    elif isinstance(address, str):
        try:
            host, _ = endpoints.http_address(address)
        except endpoints.EndpointRefused:
            return  # the field itself says so
        if not endpoints.is_loopback(host):
            yield "http", "", f"'{address}': without `http_token` the HTTP server binds only loopback addresses"


def _open_at_once(path: str, flags: int) -> int:
    """Without O_NONBLOCK a FIFO would wait for a writer."""
    return os.open(path, flags | os.O_NONBLOCK)


def _file(config: Path) -> tuple[dict[str, Any], str]:
    """Return what the file says, and its text."""
    try:
        with open(config, "rb", opener=_open_at_once) as file:
            if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
                raise SettingsError([f"{config}: it is not a regular file"])
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SettingsError([f"{config}: {os.strerror(error.errno or 0)}"]) from None
    if len(raw) > MOST_BYTES:
        raise SettingsError([f"{config}: the file has more than {MOST_BYTES} bytes"])
    try:
        text = raw.decode("utf-8").replace("\r\n", "\n")
        return tomllib.loads(text), text
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        mistake = f"byte 0x{raw[error.start]:02x} is not UTF-8 (at line {line})"
    except RecursionError:
        mistake = "arrays or tables are too deep in each other"
    except ValueError as error:  # TOMLDecodeError is one; a number of thousands of digits is another
        mistake = str(error)
    raise SettingsError([f"{config}: {mistake}"])


def _line(problem: Any, places: Mapping[str, str], lines: Mapping[tuple[str, ...], int]) -> str:
    name, *rest = [str(step) for step in problem["loc"] if step != "[key]"] or [""]
    message = _WORDS.get(problem["type"], problem["msg"]).removeprefix("Value error, ")
    return f"{'.'.join([places.get(name, name), *rest])}: {message}{_at_line((name, *rest), places, lines)}"


def _at_line(path: Sequence[str], places: Mapping[str, str], lines: Mapping[tuple[str, ...], int]) -> str:
    """Where in the file it is, if the value comes from the file."""
    name = path[0]
    is_of_file = places.get(name, name).endswith(f": {name}")
    line = line_of(lines, path) if is_of_file else None
    return "" if line is None else f" (at line {line})"
