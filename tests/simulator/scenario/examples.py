"""A phrase of each form."""

from __future__ import annotations

import re


def example(form):
    """A phrase of that form, with its optional part."""
    words = {
        "CODE": "1100", "N": "3", "SECONDS": "2s", "REQUEST": "reqMktData", "SYMBOL": "AAPL", "PRICE": "5.5",
        "QUANTITY": "100", "SIDE": "buy", "KEY": "k1", "FARM": "usfarm", "DATAFARM": "ushmds",
        "TOPIC": "system.gap", "STATE": "ready",
        "VALUES": "a=1 b=2", "OPTIONS": ", lists cut", "TEXT": "some words",
    }  # fmt: skip
    shape = form.shape.replace("[OPTIONS]", words["OPTIONS"]).replace("[", "").replace("]", "")
    return re.sub(r"[A-Z]{1,}(?![a-z])", lambda found: words.get(found[0], found[0]), shape)
