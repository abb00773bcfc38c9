"""The catalogue: the declarations in `schemas/`, checked and typed.

All code that knows a message by name uses it: codecs, routing, validation, topics and the generated schemas. This
package reads the JSON files once. It knows no sockets, no clocks and no bytes on the wire.
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
