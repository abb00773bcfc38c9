"""Requests of programs that IBKR verifies: a challenge, and its answer. Here the right answer is the challenge."""

from __future__ import annotations

from bridge.simulator.clients import Client
from bridge.simulator.floor import Floor
from bridge.simulator.handlers.base import Handler
from bridge.simulator.refusals import invalid
from bridge.simulator.values import Data


def _challenge(floor: Floor, client: Client, data: Data) -> str:
    if not data.get("apiName"):
        raise invalid("Missing API name")
    client.challenge = f"{data['apiName']}/{data.get('apiVersion', '')}/{floor.seconds}"
    return client.challenge


def _verdict(client: Client, answer: str) -> Data:
    right = bool(client.challenge) and answer == client.challenge
    client.challenge = ""
    return {"isSuccessful": right, "errorText": "" if right else "Verification failed"}


def verify_request(floor: Floor, client: Client, data: Data) -> None:
    """The challenge."""
    floor.emit(client.id, "verifyMessageAPI", {"apiData": _challenge(floor, client, data)})


def verify_message(floor: Floor, client: Client, data: Data) -> None:
    """Whether the answer is right."""
    floor.emit(client.id, "verifyCompleted", _verdict(client, str(data.get("apiData", ""))))


def verify_and_auth_request(floor: Floor, client: Client, data: Data) -> None:
    """The challenge, twice."""
    challenge = _challenge(floor, client, data)
    floor.emit(client.id, "verifyAndAuthMessageAPI", {"apiData": challenge, "xyzChallange": challenge})


def verify_and_auth_message(floor: Floor, client: Client, data: Data) -> None:
    """Whether the second answer is right."""
    floor.emit(client.id, "verifyAndAuthCompleted", _verdict(client, str(data.get("xyzResponse", ""))))


HANDLERS: dict[str, Handler] = {
    "verifyRequest": verify_request,
    "verifyMessage": verify_message,
    "verifyAndAuthRequest": verify_and_auth_request,
    "verifyAndAuthMessage": verify_and_auth_message,
}
