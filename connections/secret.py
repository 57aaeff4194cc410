"""A value that nothing may show: a private key, a passcode, a data key.

Everything that prints, copies or stores objects gets dots. Only ``reveal`` and
``reveal_bytes`` give the value, so those two words are what a reviewer searches for.
"""

import hmac
from typing import ClassVar, NoReturn, Self, final

_SHOWN = "Secret(•••)"


@final
class Secret:
    """Holds text or bytes and shows neither. Compared in constant time, never hashed."""

    __slots__ = ("__value",)
    __value: bytes
    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __init__(self, value: str | bytes) -> None:
        if isinstance(value, str):
            value = value.encode("utf-8", "surrogatepass")
        elif not isinstance(value, bytes):
            raise TypeError("A Secret is made from str or bytes.")
        object.__setattr__(self, "_Secret__value", value)

    def reveal(self) -> str:
        """The value as text. Raises ValueError if it is not UTF-8, without showing it."""
        text = self.__value.decode("utf-8", "replace")
        if text.encode() != self.__value:
            raise ValueError("This Secret is not text; use reveal_bytes.")
        return text

    def reveal_bytes(self) -> bytes:
        """The value as bytes; text is given as UTF-8."""
        return self.__value

    def __repr__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str) -> str:
        return _SHOWN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value, other.__value)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("A Secret cannot be changed.")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("A Secret cannot be changed.")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A Secret cannot be pickled. Seal it and pass on the row’s id.")

    def __getstate__(self) -> NoReturn:
        raise TypeError("A Secret has no state to give away.")

    def __bytes__(self) -> NoReturn:
        raise TypeError("A Secret does not turn into bytes. Call reveal_bytes where it is needed.")
