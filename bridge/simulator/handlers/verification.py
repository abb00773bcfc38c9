"""Handlers for the verification of programs by IBKR: a challenge and its answer.

Here the right answer is the challenge.
"""

from __future__ import annotations

from bridge.simulator.core.refusals import invalid
from bridge.simulator.core.values import Data
from bridge.simulator.handlers.client import Client
from bridge.simulator.handlers.context import HandlerContext
from bridge.simulator.handlers.handler import Handler


def _challenge(context: HandlerContext, client: Client, data: Data) -> str:
    if not data.get("apiName"):
        raise invalid("Missing API name")
    client.challenge = f"{data['apiName']}/{data.get('apiVersion', '')}/{context.seconds}"
    return client.challenge


def _verdict(client: Client, answer: str) -> Data:
    right = bool(client.challenge) and answer == client.challenge
    client.challenge = ""
    return {"isSuccessful": right, "errorText": "" if right else "Verification failed"}


def verify_request(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the challenge."""
    context.emit(client.id, "verifyMessageAPI", {"apiData": _challenge(context, client, data)})


def verify_message(context: HandlerContext, client: Client, data: Data) -> None:
    """Send whether the answer is right."""
    context.emit(client.id, "verifyCompleted", _verdict(client, str(data.get("apiData", ""))))


def verify_and_auth_request(context: HandlerContext, client: Client, data: Data) -> None:
    """Send the challenge, in both fields."""
    challenge = _challenge(context, client, data)
    context.emit(client.id, "verifyAndAuthMessageAPI", {"apiData": challenge, "xyzChallange": challenge})


def verify_and_auth_message(context: HandlerContext, client: Client, data: Data) -> None:
    """Send whether the second answer is right."""
    context.emit(client.id, "verifyAndAuthCompleted", _verdict(client, str(data.get("xyzResponse", ""))))


HANDLERS: dict[str, Handler] = {
    "verifyRequest": verify_request,
    "verifyMessage": verify_message,
    "verifyAndAuthRequest": verify_and_auth_request,
    "verifyAndAuthMessage": verify_and_auth_message,
}
