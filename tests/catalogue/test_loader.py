"""The loader refuses declarations that contradict themselves, and says where."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.catalogue import CatalogueError, catalogue, load
from bridge.catalogue.loader import default_directory

Edit = Callable[[dict[str, Any]], None]

TICK = "messages/market-data/tickSize.json"
ORDER = "messages/orders/placeOrder.json"
CONTRACT = "types/Contract.json"


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_directory(), tmp_path / "schemas"))


def edit(schemas: Path, name: str, change: Edit) -> None:
    file = schemas / name
    body = json.loads(file.read_text())
    change(body)
    file.write_text(json.dumps(body))


def field(which: str, **changes: Any) -> Edit:
    def change(body: dict[str, Any]) -> None:
        next(f for f in body["fields"] if f["name"] == which).update(changes)

    return change


FAULTS: list[tuple[str, Edit, str]] = [
    (TICK, lambda d: d.update(colour="red"), "tickSize.json: colour: Extra inputs"),
    (TICK, lambda d: d.update(name="tickSise"), "declares tickSise"),
    (TICK, lambda d: d.update(id=1), "id 1 fromTws is declared by"),
    (TICK, lambda d: d.update(topic="weather"), "topic weather is not one of"),
    (TICK, lambda d: d.update(key=["requestId"]), "tickSize has no field requestId"),
    (TICK, lambda d: d.update(topic=None), "an event must declare its topic"),
    (TICK, lambda d: d["text"].append({"field": "colour"}), "text: tickSize has no field colour"),
    (TICK, lambda d: d["text"].append({"field": "size"}), "size appears twice at version 176: the ranges overlap"),
    (TICK, lambda d: d["text"].append({"feild": "size"}), "text.4"),
    (TICK, lambda d: d["text"][1].update(versions="new"), "'new' is not a version range"),
    (TICK, lambda d: d["text"][1].update(versions="190..180"), "versions 190..180"),
    (TICK, field("size", number=1), "protobuf number 1 is used twice"),
    (TICK, field("size", name="reqId"), "field reqId is declared twice"),
    (TICK, field("size", type="Size"), "there is no type Size"),
    (TICK, field("tickType", wire="double"), "protobuf type double cannot carry int32"),
    (TICK, field("size", type="[int32"), "is not a type"),
    (ORDER, lambda d: d.update(completes=None), "a request must declare how it completes"),
    (ORDER, lambda d: d.update(answers=["orderStatut"]), "answer orderStatut is not declared"),
    (
        ORDER,
        lambda d: d.update(end=[{"event": "openOrder", "done": "isDone"}]),
        "end openOrder: it has no field isDone",
    ),
    (ORDER, lambda d: d.update(cancel="cancelOrders"), "cancel cancelOrders is not declared"),
    (ORDER, lambda d: d["protobuf"].update(message="OpenOrder"), "protobuf message OpenOrder is declared twice"),
    (ORDER, lambda d: d["text"].append({"field": "contract"}), "contract: Contract is not a single text field"),
    (
        TICK,
        lambda d: d["text"].append({"field": "size", "as": {"bits": ["a"]}}),
        "size: decimal is not a single text field",
    ),
    (ORDER, lambda d: d["text"].append({"repeat": "order.account"}), "repeat order.account"),
    (ORDER, lambda d: d["text"].append({"when": {"set": "a", "count": "b"}, "then": []}), "a predicate is one of"),
    (ORDER, lambda d: d["text"].append({"when": {"set": "order.hedge"}, "then": []}), "Order has no field hedge"),
    (ORDER, lambda d: d["text"].append({"field": "contract.comboLegs.ratio"}), "comboLegs is not a record"),
    (CONTRACT, field("conId", type="int31"), "there is no type int31"),
    ("messages/contracts/contractDetails.json", lambda d: d.update(record="Nothing"), "record Nothing"),
]


@pytest.mark.parametrize(("file", "change", "said"), FAULTS, ids=[said for _, _, said in FAULTS])
def test_a_fault_is_refused_and_named(schemas: Path, file: str, change: Edit, said: str) -> None:
    edit(schemas, file, change)
    with pytest.raises(CatalogueError) as refused:
        load(schemas)
    assert said in str(refused.value)


def test_every_fault_is_said_at_once(schemas: Path) -> None:
    edit(schemas, TICK, lambda d: d.update(topic="weather"))
    edit(schemas, ORDER, lambda d: d.update(cancel="cancelOrders"))
    with pytest.raises(CatalogueError) as refused:
        load(schemas)
    assert len(refused.value.problems) == 2


def test_a_key_written_twice_is_refused(schemas: Path) -> None:
    (schemas / TICK).write_text('{"name": "tickSize", "name": "tickSize"}')
    with pytest.raises(CatalogueError, match="key appears twice: name"):
        load(schemas)


def test_overlap_is_looked_for_at_every_version(schemas: Path) -> None:
    edit(schemas, ORDER, lambda d: d["text"].append({"field": "order.includeOvernight", "versions": "195..197"}))
    with pytest.raises(CatalogueError, match="includeOvernight appears twice at version 195"):
        load(schemas)


def test_the_catalogue_answers_by_name_id_and_version() -> None:
    known = catalogue()
    history = known.messages["reqHistoricalData"]
    assert known.by_id["toTws", 20] is history
    assert known.endings(history, 195) == {"historicalData": None, "historicalSchedule": None}
    assert known.endings(history, 196) == {"historicalDataEnd": None, "historicalSchedule": None}
    assert known.messages["currentTimeInMillis"].exists(197)
    assert not known.messages["currentTimeInMillis"].exists(196)
