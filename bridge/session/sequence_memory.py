"""The last sequence numbers of dropped topics. A topic that comes back continues after its last number.

The memory is bounded, but a subscriber still notices every loss. When names are forgotten, the highest of their numbers
becomes the floor of their first token (`market`). A topic that is not remembered begins after that floor. Its
subscribers may then see a gap where nothing was lost; they never miss a real one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: How many names of dropped topics are remembered. Above this number the older half is forgotten at once: floors then
#: rise seldom, and the newest 5,000 names are always remembered.
MOST = 10_000


class SequenceMemory:
    """The last number of each dropped topic, by its group (`market.265598`), the group dropped last at the end.

    `floors`: by first token, the highest number of the forgotten topics.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._groups: dict[str, dict[str, int]] = {}
        self._count = 0
        self.floors: dict[str, int] = {}

    def __len__(self) -> int:
        return self._count

    def keep(self, group: str, numbers: Mapping[str, int]) -> None:
        """Remember the last number of each dropped topic. Other topics of the group may have been dropped before."""
        before = self._groups.pop(group, {})
        self._groups[group] = {**before, **numbers}
        self._count += len(self._groups[group]) - len(before)
        if self._count > self._most:
            self._forget(self._most // 2)

    def take(self, group: str, name: str) -> int:
        """Return the number after which a topic begins that is created anew, and stop remembering it."""
        dropped = self._groups.get(group, {})
        if name not in dropped:
            return self.floors.get(_family(group), 0)
        number = dropped.pop(name)
        self._count -= 1
        if not dropped:
            del self._groups[group]
        return number

    def under(self, prefixes: tuple[str, ...], groups: Iterable[str] | None) -> dict[str, int]:
        """Return the last numbers of dropped topics below one of `prefixes`. `groups`: their groups; None for all."""
        found = self._groups if groups is None else [group for group in groups if group in self._groups]
        return {
            name: number for group in found for name, number in self._groups[group].items() if name.startswith(prefixes)
        }

    def _forget(self, left: int) -> None:
        while self._count > left:
            group = next(iter(self._groups))
            dropped = self._groups.pop(group)
            self._count -= len(dropped)
            self.raise_floor(group, max(dropped.values()))

    def raise_floor(self, group: str, number: int) -> None:
        """A topic of the group was forgotten that had this number."""
        family = _family(group)
        self.floors[family] = max(self.floors.get(family, 0), number)


def _family(group: str) -> str:
    return group.partition(".")[0]
