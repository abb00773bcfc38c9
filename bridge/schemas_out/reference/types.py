"""The page `types.md`: the scalars, the records of TWS, and the bridge's own types."""

from __future__ import annotations

from bridge.contract import Type
from bridge.params.models import GIVEN
from bridge.schemas_out.reference.declared import Declared
from bridge.schemas_out.reference.fields import ABOUT_SCALARS, fields_table, of_own, of_tws
from bridge.schemas_out.reference.text import code, codes, sentence, table, written_by

_HEAD = f"""# Types

{written_by("the files in `schemas/types/` and `schemas/bridge/types.json`")}
Events, parameters and results share these types. A field that TWS leaves unset is absent: the bridge never sends an
empty value for it. Later versions may add fields: ignore fields that you do not know.

## Scalars

"""
_TWS = """
## Records of TWS

In a request every field of these records is optional, unless [methods.md](methods.md) says otherwise. The names are
those of IBKR's protobuf files.
"""
_OWN = """
## Types of the bridge

"""


def types_page(declared: Declared) -> str:
    """The whole page."""
    scalars = table(("type", "meaning"), ((code(name), about) for name, about in ABOUT_SCALARS.items()))
    records = "".join(_record(declared, name) for name in sorted(declared.catalogue.types))
    own = "".join(_own(declared, one) for _, one in sorted(declared.contract.types.items()))
    return f"{_HEAD}{scalars}{_TWS}{records}{_OWN.rstrip()}\n{own}"


def _record(declared: Declared, name: str) -> str:
    record = declared.catalogue.types[name]
    note = f"\nThe bridge sets {codes(GIVEN)}: a request must not have them.\n" if name == "Order" else ""
    return f"\n### {name}\n\n{sentence(record.about)}\n{note}\n{fields_table(map(of_tws, record.fields))}"


def _own(declared: Declared, one: Type) -> str:
    head = f"\n### {one.name}\n\n{sentence(one.about)}\n\n"
    if one.values is not None:
        rows = ((code(word), sentence(meaning)) for word, meaning in one.values.items())
        return head + "One of these words:\n\n" + table(("word", "meaning"), rows)
    fields = declared.contract.fields(one)
    if not fields:
        return f"{head}Its fields depend on the event: [events.md](events.md).\n"
    return head + fields_table(map(of_own, fields))
