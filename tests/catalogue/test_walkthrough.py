"""Does exactly what the example in schemas/README.md says: one file, and everything knows the message.

docs/internals/adding-a-message.md shows the same example.
"""

import json
import re
import shutil
from pathlib import Path

import pytest

from bridge.catalogue import Catalogue, load
from bridge.catalogue.loader import default_directory
from bridge.schemas_out import render
from bridge.session.routing import RoutingTable
from bridge.tws import Connection
from bridge.tws.events import Message
from bridge.wiretool import decode_lines, encode_lines

README = (default_directory() / "README.md").read_text(encoding="utf-8")
WALK = README.split("## Example: adding a message")[1].split("\n## ")[0]
PAGE = default_directory().parent / "docs" / "internals" / "adding-a-message.md"


def example(text: str, between: str) -> tuple[str, object, list[tuple[str, ...]]]:
    """File, declaration, and frames with version, sender and answer. `between`: what is between command and answer."""
    (place,) = re.findall(r"`(?:schemas/)?(messages/\w+/\w+\.json)`", text)
    declaration = re.findall(r"```json\n(.*?)```", text, re.DOTALL)[0]
    command = r"echo ([0-9a-f ]+) \| tws-bridge decode --server-version (\d+) --from (tws)\n"
    return place, json.loads(declaration), re.findall(rf"{command}{between}(.*)\n", text)


@pytest.fixture
def known(tmp_path: Path) -> Catalogue:
    schemas = Path(shutil.copytree(default_directory(), tmp_path / "schemas"))
    (place,) = re.findall(r"`(messages/\S+\.json)`", WALK)
    (declaration,) = re.findall(r"```json\n(.*?)```", WALK, re.DOTALL)
    (schemas / place).write_text(declaration, encoding="utf-8")
    return load(schemas)


def test_the_commands_shown_give_what_is_shown(known: Catalogue) -> None:
    shown = re.findall(r"\$ echo ([0-9a-f ]+) \| tws-bridge decode --server-version (\d+) --from (tws)\n(.*)\n", WALK)
    assert shown
    for frame, version, sender, answer in shown:
        (line,) = decode_lines([frame], int(version), sender, known)
        assert json.loads(line) == json.loads(answer)
        assert list(encode_lines([line], int(version), sender, known)) == [frame.replace(" ", "")]


@pytest.mark.parametrize("version", [180, 187, 201, 220, 226])
def test_both_roles_speak_it_at_every_version(known: Catalogue, version: int) -> None:
    client, server = Connection.client(1, known=known), Connection.server(version, known=known)
    client.connect()
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    data = {"reqId": 7, "station": "KJFK", "temperature": 21.5, "wind": "4"}
    server.send("stationWeather", data)
    client.receive_data(server.data_to_send())
    carried = data if version >= 187 else {key: value for key, value in data.items() if key != "wind"}
    assert client.events_received()[-1] == Message("stationWeather", carried)


def test_before_its_version_it_does_not_exist(known: Catalogue) -> None:
    (line,) = encode_lines(['{"name": "stationWeather", "data": {"reqId": 7}}'], 179, "tws", known)
    assert json.loads(line)["error"]["reason"] == "needs server version 180, TWS has 179"


def test_routing_and_the_generated_files_know_it(known: Catalogue) -> None:
    assert RoutingTable(known).events["stationWeather"].family == "market"
    files = render(known)
    assert (
        json.loads(files["events.schema.json"])["$defs"]["StationWeatherData"]["properties"]["wind"]["format"]
        == "decimal"
    )
    assert "stationWeather" in json.loads(files["asyncapi.json"])["channels"]["marketEvents"]["messages"]
    assert "| `stationWeather` | 190 | 180..219 | 220+ |" in files["MESSAGES.md"]


def test_the_page_for_contributors_shows_the_same_example() -> None:
    shown = example(PAGE.read_text(encoding="utf-8"), "```\n\n```json\n")
    assert shown == example(WALK, "")
    assert len(shown[2]) == 1
