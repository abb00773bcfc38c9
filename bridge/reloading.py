"""Reloading: reads the configuration again, checks it as a whole, and compares it with the one in force.

It reads files, and changes nothing. The session decides what follows; `Configuration.take_over` records the result.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, SecretBytes, SecretStr

from bridge import keys
from bridge.client_settings import conflicts
from bridge.http.token import TokenFileError, load_token
from bridge.session import ConfigurationRead, SettingChange
from bridge.settings import RESTART, BridgeSettings, SettingsError, reload_of

Read = Callable[[], BridgeSettings]
#: Seconds for which nobody may write the file before the bridge reads it, and how long the bridge waits for that.
_REST = 0.1
_REST_LIMIT = 5.0


class _File(NamedTuple):
    """A file that the bridge reads when it starts: the setting with its path, and the name of what is in it.

    `load` reads it, and `show` says what the reply and the log may have of that.
    """

    setting: str
    name: str
    load: Callable[[Path], str]
    show: Callable[[str], str]


#: Another content in the same place needs a restart.
_FILES = (
    _File("key", "key.public", lambda path: keys.load(path).public, str),
    _File("http_token", "http_token.value", load_token, lambda _: "(secret)"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the configuration has found.

    `read`: for the session. `settings`: those in force after a reload; None if there are mistakes.
    """

    read: ConfigurationRead
    settings: BridgeSettings | None = None


class Configuration:
    """The configuration in force, and how to read it again.

    `read` raises SettingsError. `own_key`: the public key with which the bridge runs; None without keys. `token`: that
    of its HTTP server; None without. `caches`: whether the bridge has a cache file.
    """

    def __init__(
        self, settings: BridgeSettings, read: Read, own_key: str | None, token: str | None = None, *, caches: bool
    ) -> None:
        self.settings = settings
        self._read = read
        self._own_key = own_key
        self._in_use = {"key": own_key, "http_token": token}
        self._caches = caches

    def look(self) -> Found:
        """Read the configuration, and compare it with the one in force."""
        try:
            found = self._read()
            file_changes = self._changed_files(found)
        except SettingsError as error:
            return Found(ConfigurationRead(problems=tuple(error.problems)))
        except keys.KeyFileError as error:
            return Found(ConfigurationRead(problems=(f"key: {error}",)))
        except TokenFileError as error:
            return Found(ConfigurationRead(problems=(f"http_token: {error}",)))
        stays = {name: getattr(self.settings, name) for name in BridgeSettings.model_fields if is_fixed(name)}
        after = found.model_copy(update=stays)
        problems = tuple(_problems(self.settings, after, self._own_key))
        if problems:
            return Found(ConfigurationRead(problems=problems))
        changes = tuple(differences(self.settings, after))
        pending = (*differences(after, found), *file_changes)
        config = dataclasses.replace(after.rules, caches=self._caches)
        clients = frozenset(changed_clients(self.settings, after))
        return Found(ConfigurationRead((), changes, pending, clients, config), after)

    def take_over(self, found: Found) -> None:
        """The session has taken over what was found."""
        if found.settings is not None:
            self.settings = found.settings

    def _changed_files(self, found: BridgeSettings) -> list[SettingChange]:
        """What has another content than the bridge runs with, although the setting still names the same file."""
        changes = []
        for file in _FILES:
            path, used = getattr(found, file.setting), self._in_use[file.setting]
            if used is not None and path is not None and path == getattr(self.settings, file.setting):
                now = file.load(path)
                if now != used:
                    changes.append(SettingChange(file.name, file.show(used), file.show(now)))
        return changes


def at_rest(read: Read, file: Path | None) -> BridgeSettings:
    """Call `read` when nobody has written the file for `_REST` seconds, and again if somebody writes it meanwhile.

    Half a file can be a valid configuration: cut at a line, it lacks the clients behind the cut. Raises SettingsError,
    also if the file does not rest in time. It blocks.
    """
    if file is None:
        return read()
    end = time.monotonic() + _REST_LIMIT
    before = _print_of(file)
    while time.monotonic() < end:
        time.sleep(_REST)
        now = _print_of(file)
        if now == before:
            settings = read()
            now = _print_of(file)
            if now == before:
                return settings
        before = now
    raise SettingsError([f"{file}: the file is still being written: the bridge waits until it rests for {_REST:g} s"])


def _print_of(file: Path) -> tuple[int, ...] | None:
    """What changes if somebody writes or replaces the file; None if it cannot be seen."""
    try:
        status = file.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def is_fixed(name: str) -> bool:
    """Whether the bridge takes over another value of the setting only when it starts."""
    return reload_of(name) is RESTART


def _problems(before: BridgeSettings, after: BridgeSettings, own_key: str | None) -> Iterator[str]:
    """Yield why the bridge must not take over these settings. What needs a restart has its old value in them."""
    public = {name: client.public_key for name, client in after.clients.items()}
    for place, message in conflicts(public, keyed=after.key is not None, own_key=own_key):
        runs = "with" if after.key else "without"
        yield f"clients.{place}: {message}; the bridge runs {runs} a key until it restarts"
    if before.clients and not after.clients:
        yield ("clients: there is none, and then everyone may do everything: if you want that, restart the bridge")
    elif _has_admin(before) and not _has_admin(after):
        yield "clients: none has the role admin any more: name one, or restart the bridge"


def _has_admin(settings: BridgeSettings) -> bool:
    return any("admin" in client.roles for client in settings.clients.values())


def changed_clients(before: BridgeSettings, after: BridgeSettings) -> Iterator[str]:
    """Yield the clients whose key or rights differ."""
    for name in sorted({*before.clients, *after.clients}):
        if before.clients.get(name) != after.clients.get(name):
            yield name


def differences(before: BridgeSettings, after: BridgeSettings) -> Iterator[SettingChange]:
    """Yield each setting that differs. A client that is new or gone is one change."""
    for name in BridgeSettings.model_fields:
        if name == "clients":
            yield from _of_clients(before.clients, after.clients)
        else:
            yield from _change(name, getattr(before, name), getattr(after, name))


def _of_clients(before: Mapping[str, BaseModel], after: Mapping[str, BaseModel]) -> Iterator[SettingChange]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            yield from _change(f"clients.{name}", old, new)
            continue
        for field in type(new).model_fields:
            yield from _change(f"clients.{name}.{field}", getattr(old, field), getattr(new, field))


def _change(name: str, before: object, after: object) -> Iterator[SettingChange]:
    if before != after:
        yield SettingChange(name, _shown(before), _shown(after))


def _shown(value: Any) -> str | None:
    """The value as the file has it; None if it is not set. A secret is not shown."""
    match value:
        case None:
            return None
        case SecretStr() | SecretBytes():
            return "(secret)"
        case bool():
            return str(value).lower()
        case BaseModel():
            given = {name: getattr(value, name) for name in type(value).model_fields if name in value.model_fields_set}
            return _shown(given)
        case dict():
            items = ", ".join(f"{name} = {_shown(item)}" for name, item in value.items() if item is not None)
            return f"{{ {items} }}" if items else "{}"
        case list() | tuple() | frozenset():
            return f"[{', '.join(str(_shown(item)) for item in value)}]"
        case int() | float() | Decimal():
            return str(value)
        case _:
            return f'"{value}"'


async def in_thread(work: Callable[[], Found]) -> Found:
    """Run `work` in a thread of its own, and return its result. The end of the process does not wait for the thread."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Found] = loop.create_future()

    def settle(result: Found | None, fault: Exception | None) -> None:
        if done.cancelled():
            return
        if fault is not None:
            done.set_exception(fault)
        elif result is not None:
            done.set_result(result)

    def run() -> None:
        result: Found | None = None
        fault: Exception | None = None
        try:
            result = work()
        except Exception as error:
            fault = error
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(settle, result, fault)

    threading.Thread(target=run, name="configuration", daemon=True).start()
    return await done
