"""The text form: NUL-separated fields. The layout of the declaration gives their order for each server version.

`reader` and `writer` generate Python source for a layout at a version, once. The compiled function checks no versions
and looks up no declarations, so it is fast enough for ticks. Each line of the source is linked to the field that it
handles, so that an error can name it.
"""

from bridge.tws.text.reader import decoder
from bridge.tws.text.writer import Encode, encoder

__all__ = ["Encode", "decoder", "encoder"]
