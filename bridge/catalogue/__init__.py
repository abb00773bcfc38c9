"""The declared vocabulary: what `schemas/` says, checked and typed.

Everything that knows a message by name derives from here: codecs, routing, validation, topics and the generated
schemas. This package reads JSON files once and knows nothing of sockets, clocks or bytes on the wire.
"""

from bridge.catalogue.grammar import Field, Message, Record, Versions
from bridge.catalogue.loader import Catalogue, CatalogueError, catalogue, load
from bridge.catalogue.types import ValueType

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Field",
    "Message",
    "Record",
    "ValueType",
    "Versions",
    "catalogue",
    "load",
]
