"""What each phrase for TWS does: one complete table from names of forms to functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bridge.simulator.scenario import exchange_faults
from bridge.simulator.scenario.faulty import FaultySimulator
from bridge.simulator.scenario.forms import Fields, Phrase
from bridge.simulator.scenario.message_faults import FARM_REQUESTS, STREAM_REQUESTS, Handling
from bridge.simulator.scenario.sockets import FALSE_LENGTH, GARBAGE, OVERSIZE, FaultySession
from bridge.simulator.scenario.texts import FARM_CODES, text_of

Do = Callable[[FaultySimulator, Fields], None]


def carry_out(tws: FaultySimulator, phrase: Phrase) -> None:
    """Carry out a phrase at once. Raises Refused if the exchange refuses it."""
    TABLE[phrase.verb](tws, phrase.fields)


def _sockets(action: Callable[[FaultySession], None]) -> Do:
    return lambda tws, fields: tws.each_socket(action)


def _bytes(data: bytes) -> Do:
    return lambda tws, fields: tws.write(data)


def _next(make: Callable[[Fields], Handling]) -> Do:
    return lambda tws, fields: tws.faults.next(fields.get("request", "placeOrder"), make(fields))


def _rejected(fields: Fields) -> Handling:
    return Handling("rejected", code=fields["code"], text=fields.get("text", text_of(fields["code"])))


def _close(session: FaultySession) -> None:
    session.transport.close()


def _dialog(tws: FaultySimulator, _fields: Fields) -> None:
    tws.dialog = "socket"


def _dialog_at_start(tws: FaultySimulator, _fields: Fields) -> None:
    tws.dialog = "startApi"


def _split(tws: FaultySimulator, fields: Fields) -> None:
    tws.piece = max(fields["n"], 1) if "n" in fields else None


def _take_id(tws: FaultySimulator, _fields: Fields) -> None:
    tws.id_is_taken = True


def _free_id(tws: FaultySimulator, _fields: Fields) -> None:
    tws.id_is_taken = False


def _restart(tws: FaultySimulator, fields: Fields) -> None:
    tws.each_socket(FaultySession.reset)
    tws.refuse()
    book = tws.exchange.book
    changes = {"ids from 1": book.forget_ids, "lists cut": book.forget_ended, "orders lost": book.lose_open}
    for option in fields.get("options", ()):
        changes[option]()
    tws.listen_again(fields["seconds"])


def _lose_requests(tws: FaultySimulator, fields: Fields) -> None:
    tws.faults.lose_for = fields["seconds"]


def _remember_ids(tws: FaultySimulator, _fields: Fields) -> None:
    tws.faults.remembers_ids = True


def _farm_down(tws: FaultySimulator, fields: Fields) -> None:
    tws.error(FARM_CODES[fields["farm"]]["down"], None)
    tws.faults.stopped |= FARM_REQUESTS[fields["farm"]]


def _farm_up(tws: FaultySimulator, fields: Fields) -> None:
    tws.faults.stopped -= FARM_REQUESTS[fields["farm"]]
    tws.error(FARM_CODES[fields["farm"]]["up"], None)


def _farm_dead(tws: FaultySimulator, fields: Fields) -> None:
    tws.forget(FARM_REQUESTS[fields["farm"]])
    _farm_up(tws, fields)


def _stop(tws: FaultySimulator, fields: Fields) -> None:
    tws.faults.stopped |= {fields["request"]} if "request" in fields else STREAM_REQUESTS


def _resume(tws: FaultySimulator, fields: Fields) -> None:
    tws.faults.stopped -= {fields["request"]} if "request" in fields else STREAM_REQUESTS


def _price(tws: FaultySimulator, fields: Fields) -> None:
    tws.change(lambda: exchange_faults.move(tws.exchange, fields["symbol"], fields["price"]))


def _delay(tws: FaultySimulator, fields: Fields) -> None:
    tws.faults.delays[fields["request"]] = fields["seconds"]


def _answer(tws: FaultySimulator, fields: Fields) -> None:
    for received in tws.faults.answer(fields["request"]):
        tws.process_later(received)


def _send_twice(tws: FaultySimulator, _fields: Fields) -> None:
    tws.dispatch([event for event in tws.faults.release_withheld() for _ in range(2)])


def _repeat(tws: FaultySimulator, fields: Fields) -> None:
    tws.faults.repeats = max(fields["n"], 1)


TABLE: Mapping[str, Do] = {
    # Sockets
    "refuse": lambda tws, fields: tws.refuse(),
    "listen": lambda tws, fields: tws.listen_again(),
    "dialog": _dialog,
    "dialogAtStart": _dialog_at_start,
    "answerDialog": lambda tws, fields: tws.answer_dialog(),
    "drop": _sockets(_close),
    "reset": _sockets(FaultySession.reset),
    "halfOpen": _sockets(FaultySession.half_open),
    "stopReading": _sockets(FaultySession.stop_reading),
    "readOn": _sockets(FaultySession.resume_reading),
    "sayNothing": _sockets(FaultySession.mute),
    "talk": _sockets(FaultySession.unmute),
    "split": _split,
    "splitOff": _split,
    "garbage": _bytes(GARBAGE),
    "falseLength": _bytes(FALSE_LENGTH),
    "oversize": _bytes(OVERSIZE),
    "idTaken": _take_id,
    "idFree": _free_id,
    # Restarts
    "restart": _restart,
    "loseRequests": _lose_requests,
    "rememberIds": _remember_ids,
    # Errors and notices
    "error": lambda tws, fields: tws.error(fields["code"], fields.get("text")),
    "errorId": lambda tws, fields: tws.error(fields["code"], fields.get("text"), fields["n"]),
    "errorOn": lambda tws, fields: tws.error_on(fields["request"], fields["code"], fields.get("text")),
    "farmDown": _farm_down,
    "farmUp": _farm_up,
    "farmDead": _farm_dead,
    "farmIdle": lambda tws, fields: tws.error(FARM_CODES[fields["datafarm"]]["idle"], None),
    "farmConnecting": lambda tws, fields: tws.error(FARM_CODES["usfarm"]["connecting"], None),
    # Market data
    "stopData": _stop,
    "stop": _stop,
    "resumeData": _resume,
    "resume": _resume,
    "forgetAll": lambda tws, fields: tws.forget(STREAM_REQUESTS),
    "forget": lambda tws, fields: tws.forget(frozenset({fields["request"]})),
    "price": _price,
    # Requests
    "silent": lambda tws, fields: tws.faults.silent.add(fields["request"]),
    "silentNext": _next(lambda fields: Handling(answers=False)),
    "hold": lambda tws, fields: tws.faults.hold(fields["request"]),
    "delay": _delay,
    "answer": _answer,
    "nextLost": _next(lambda fields: Handling("lost")),
    "nextLostReset": _next(lambda fields: Handling("lost", resets=True)),
    "nextTakenReset": _next(lambda fields: Handling(answers=False, resets=True)),
    "nextUnanswered": _next(lambda fields: Handling(answers=False)),
    "nextRejected": _next(_rejected),
    "nextDoubled": _next(lambda fields: Handling("doubled")),
    # Orders
    "withhold": lambda tws, fields: tws.faults.withhold(),
    "tell": lambda tws, fields: tws.dispatch(tws.faults.release_withheld()),
    "tellReversed": lambda tws, fields: tws.dispatch(tws.faults.release_withheld()[::-1]),
    "tellTwice": _send_twice,
    "tellNever": lambda tws, fields: tws.faults.discard_withheld(),
    "repeat": _repeat,
    "cancelOrders": lambda tws, fields: tws.change(tws.exchange.book.cancel_all),
    "loseOrders": lambda tws, fields: tws.exchange.book.lose_open(),
    "cutLists": lambda tws, fields: tws.exchange.book.forget_ended(),
}
