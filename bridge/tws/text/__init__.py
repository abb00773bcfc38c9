"""The text form: NUL-separated fields in an order that the declaration's layout gives for each server version.

`reader` and `writer` turn a layout and a version into Python source once; the function compiled from it tests no
version and looks nothing up, which is what a stream of ticks needs. Each line of that source remembers the field it
handles, so that an error names it.
"""

from bridge.tws.text.reader import decoder
from bridge.tws.text.writer import Encode, encoder

__all__ = ["Encode", "decoder", "encoder"]
