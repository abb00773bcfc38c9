"""Where the numbers of dropped topics stopped, so that a topic that comes back goes on after its last number.

The memory is bounded, and a loss stays visible all the same: of what was forgotten one floor is left for each first
token (`market`), and a topic of which nothing is known begins after it. Its subscribers may then see a hole that is
none; they never miss one that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: Names of dropped topics that are remembered at most. Beyond it the older half is forgotten at once, so that floors
#: rise seldom, and the newest 5,000 are always remembered.
MOST = 10_000


class SequenceMemory:
    """The last number of each dropped topic, by its group (`market.265598`); what was dropped last comes last.

    `floors`: by first token, the highest number of those that were forgotten.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._groups: dict[str, dict[str, int]] = {}
        self._count = 0
        self.floors: dict[str, int] = {}

    def __len__(self) -> int:
        return self._count

    def keep(self, group: str, numbers: Mapping[str, int]) -> None:
        """The topics of these names are dropped; there may be others of the group that were dropped before."""
        before = self._groups.pop(group, {})
        self._groups[group] = {**before, **numbers}
        self._count += len(self._groups[group]) - len(before)
        if self._count > self._most:
            self._forget(self._most // 2)

    def take(self, group: str, name: str) -> int:
        """After which number the topic begins, which is made anew."""
        dropped = self._groups.get(group, {})
        if name not in dropped:
            return self.floors.get(_family(group), 0)
        number = dropped.pop(name)
        self._count -= 1
        if not dropped:
            del self._groups[group]
        return number

    def under(self, prefixes: tuple[str, ...], groups: Iterable[str] | None) -> dict[str, int]:
        """The last numbers of dropped topics below one of `prefixes`; `groups`: which they are in, None for any."""
        found = self._groups if groups is None else [group for group in groups if group in self._groups]
        return {
            name: number for group in found for name, number in self._groups[group].items() if name.startswith(prefixes)
        }

    def _forget(self, left: int) -> None:
        while self._count > left:
            group = next(iter(self._groups))
            dropped = self._groups.pop(group)
            self._count -= len(dropped)
            family = _family(group)
            self.floors[family] = max(self.floors.get(family, 0), *dropped.values())


def _family(group: str) -> str:
    return group.partition(".")[0]
