"""The value types of a declaration, and the protobuf types that can carry each of them.

`[X]` is a list of X, `{string}` is a map from string to string, and any other capitalized word is a record of
`schemas/types`.
"""

from __future__ import annotations

from dataclasses import dataclass

#: The protobuf scalars that can carry each of our scalars; the first one is the default.
SCALARS: dict[str, tuple[str, ...]] = {
    "int32": ("int32",),
    "int64": ("int64",),
    "double": ("double",),
    "bool": ("bool",),
    "string": ("string",),
    "decimal": ("string", "double"),
    "id64": ("int64",),
}


@dataclass(frozen=True, slots=True)
class ValueType:
    """A parsed type. `name` is a scalar or a record; at most one of `repeated` and `mapping` is true."""

    name: str
    repeated: bool = False
    mapping: bool = False

    @classmethod
    def parse(cls, text: str) -> ValueType:
        """Parse `int32`, `Contract`, `[ComboLeg]` or `{string}`. Raises ValueError for anything else."""
        if text.startswith("[") and text.endswith("]"):
            return cls(text[1:-1], repeated=True)
        if text == "{string}":
            return cls("string", mapping=True)
        if not text.isidentifier() and text not in SCALARS:
            raise ValueError(f"'{text}' is not a type: a scalar, a record, [X] or {{string}}")
        return cls(text)

    @property
    def is_record(self) -> bool:
        return self.name not in SCALARS

    def __str__(self) -> str:
        if self.mapping:
            return "{string}"
        return f"[{self.name}]" if self.repeated else self.name
