"""What a step of the demo raises when its claim does not come true."""


class DemoFailed(Exception):
    """The demo did not do what it should; the text says what."""


def check(holds: object, otherwise: str) -> None:
    """Raise DemoFailed with the text `otherwise` unless the claim holds."""
    if not holds:
        raise DemoFailed(otherwise)
