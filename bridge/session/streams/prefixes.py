"""Prefixes: below which topics the bridge publishes the events of a stream, and those without a stream."""

from __future__ import annotations

from bridge.session import topic_names
from bridge.session.rights.grants import is_public
from bridge.session.routing import STREAM_FAMILIES, RequestPlan
from bridge.session.streams.streams import Stream
from bridge.session.values import Data


class Prefixes:
    """`accounts`: those that TWS manages."""

    def __init__(self) -> None:
        self.accounts: list[str] = []

    @property
    def account(self) -> str:
        """The topic's account for account events that name none: the only account, or `all` if there are several."""
        return self.accounts[0] if len(self.accounts) == 1 else "all"

    def of_event(self, family: str, data: Data, params: Data) -> str:
        """Return the topic prefix of an event without a stream: by its account, its news source, or its family."""
        match family:
            case "account":
                account = data.get("account") or data.get("accountName") or params.get("account")
                return f"account.{topic_names.token(account or params.get('acctCode') or self.account)}."
            case "news":
                return f"news.{topic_names.token(data.get('providerCode') or 'bulletins')}."
            case _:
                return f"{family}."

    def listeners(self, stream: Stream) -> list[str]:
        """Return the topic prefixes of the clients that may hear the stream."""
        if is_public(stream.prefix):
            return ["system."]
        if stream.prefix != "account.":
            return [stream.prefix]
        return [f"account.{topic_names.token(account)}." for account in dict.fromkeys([*self.accounts, self.account])]


def of_stream(plan: RequestPlan, params: Data, name: str) -> str:
    """Return the prefix on which a subscription's events are published: of its account, or of all if it names none."""
    if plan.family in STREAM_FAMILIES:
        return f"{plan.family}.{name}."
    if plan.family == "system":
        return f"system.{min(plan.answers)}"
    account = params.get("account") or params.get("acctCode")
    return f"account.{topic_names.token(account)}." if account else f"{plan.family}."
