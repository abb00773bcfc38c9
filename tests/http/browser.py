"""A headless Chromium, driven by the Chrome DevTools Protocol. Chromium is not a dependency: `CHROMIUM` may be None."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 20.0


class Page:
    """One page in the browser. `console`: what it has written to its console, and refusals of its security policy."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.console: list[str] = []

    async def read(self) -> None:
        """Read messages of the browser until it ends."""
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            elif told["method"] == "Runtime.exceptionThrown":
                self.console.append(str(told["params"]["exceptionDetails"]))
            elif told["method"] == "Log.entryAdded" and told["params"]["entry"]["level"] == "error":
                self.console.append(told["params"]["entry"]["text"])

    async def send(self, method: str, **params: Any) -> Any:
        """Send a command, and return its result."""
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_str(json.dumps({"id": number, "method": method, "params": params}))
        told = await asyncio.wait_for(answer, PATIENCE)
        assert "error" not in told, told
        return told["result"]

    async def run(self, script: str) -> Any:
        """Run an expression in the page, and return its value."""
        told = await self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def wait(self, script: str) -> None:
        """Wait until the expression is true."""
        end = time.monotonic() + PATIENCE
        while not await self.run(script):
            assert time.monotonic() < end, (script, await self.run("document.body.innerText"))
            await asyncio.sleep(0.1)

    async def look(self, width: int, scheme: str = "light", height: int = 900) -> None:
        """Give the page a width and a color scheme."""
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        await self.send(
            "Emulation.setScrollbarsHidden", hidden=True
        )  # else a picture of the whole page cuts its right edge
        await self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    async def shoot(self, file: Path, *, full: bool = True) -> None:
        """Write a screenshot."""
        told = await self.send("Page.captureScreenshot", format="png", captureBeyondViewport=full)
        file.write_bytes(base64.b64decode(told["data"]))


@contextlib.asynccontextmanager
async def opened(address: str, folder: Path, width: int = 1440, scheme: str = "light") -> AsyncIterator[Page]:
    """A page at this address in a browser of its own, for the length of a `with` block."""
    assert CHROMIUM is not None
    arguments = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--no-first-run", f"--user-data-dir={folder}", "--remote-debugging-port=0", "about:blank"]  # fmt: skip
    browser = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port_file = folder / "DevToolsActivePort"
        end = time.monotonic() + PATIENCE
        while not (port_file.exists() and port_file.read_text().count("\n")):
            assert time.monotonic() < end and browser.poll() is None, "the browser does not start"
            await asyncio.sleep(0.05)
        port = port_file.read_text().split()[0]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                targets = await answer.json(content_type=None)
            target = next(one for one in targets if one["type"] == "page")["webSocketDebuggerUrl"]
            async with session.ws_connect(target, max_msg_size=0) as socket:
                page = Page(socket)
                reader = asyncio.create_task(page.read())
                try:
                    for domain in ("Page", "Runtime", "Log"):
                        await page.send(f"{domain}.enable")
                    await page.look(width, scheme)
                    await page.send("Page.navigate", url=address)
                    await page.wait("location.protocol == 'http:' && document.readyState == 'complete'")
                    yield page
                finally:
                    reader.cancel()
    finally:
        browser.terminate()
        browser.wait(PATIENCE)
