"""Parameters and data as bytes: canonical JSON, so that the same values have the same bytes everywhere.

Keys are sorted, there is no white space, numbers are written the shortest way that reads back the same. ``bytes`` become
``{"$bytes": "<base64>"}``, numpy arrays ``{"$array": {"dtype", "shape", "data"}}`` (little-endian, row by row) and come
back as what they were. Not a number and the infinities are refused in both directions.
"""

import base64
import json
import math
from typing import Any

MOST_DEPTH = 100
"""How deep values may be nested."""
MOST_DIGITS = 400
"""How long a written number may be: reading longer ones takes quadratic time."""


def encode(value: Any) -> bytes:
    """The canonical bytes of ``value``. Raises ``ValueError`` or ``TypeError`` for what has none."""
    text = json.dumps(_plain(value, 0), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def decode(data: bytes) -> Any:
    """What :func:`encode` was given. Raises ``ValueError``; nothing in ``data`` is ever executed."""
    try:
        return json.loads(
            bytes(data).decode("utf-8"),
            object_hook=_restored,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _plain(value: Any, depth: int) -> Any:
    if depth > MOST_DEPTH:
        raise ValueError("nested more than %d deep" % MOST_DEPTH)
    if value is None or isinstance(value, (bool, str)):
        return value
    # Subclasses such as numpy.float64 and enumerations of integers become plain numbers.
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError("keys must be text, not %s" % type(key).__name__)
        return {key: _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return _array(value, depth)
    if hasattr(value, "tolist"):
        return _plain(value.tolist(), depth + 1)
    raise TypeError("%s cannot be sent: use dicts, lists, texts, numbers, bytes or numpy arrays" % type(value).__name__)


def _array(value: Any, depth: int) -> Any:
    import numpy

    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    array = numpy.asarray(value)
    if array.ndim == 0:
        return _plain(array.item(), depth + 1)
    if array.dtype.kind not in "biuf":
        return _plain(array.tolist(), depth + 1)
    if array.dtype.kind == "f" and not numpy.isfinite(array).all():
        raise ValueError("an array holds values that are not finite")
    little = numpy.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    data = base64.b64encode(little.tobytes()).decode("ascii")
    return {"$array": {"dtype": little.dtype.str, "shape": list(array.shape), "data": data}}


def _restored(value: dict) -> Any:
    if len(value) == 1:
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"], validate=True)
        if "$array" in value:
            return _restored_array(value["$array"])
    return value


def _restored_array(value: Any) -> Any:
    import numpy

    if not isinstance(value, dict) or set(value) != {"dtype", "shape", "data"}:
        raise ValueError("an array needs dtype, shape and data")
    dtype = numpy.dtype(value["dtype"]) if isinstance(value["dtype"], str) else None
    # Never objects: reading those would execute code.
    if dtype is None or dtype.kind not in "biuf" or dtype.hasobject:
        raise ValueError("an array of this type is not read")
    array = numpy.frombuffer(base64.b64decode(value["data"], validate=True), dtype=dtype).reshape(value["shape"])
    if dtype.kind == "f" and not numpy.isfinite(array).all():
        raise ValueError("an array holds values that are not finite")
    return array.copy()


def _refuse_constant(text: str) -> Any:
    raise ValueError("%s is not a number that can be sent" % text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("%s is too large" % text[:40])
    return number


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError("a number of %d digits is too long" % len(text))
    return int(text)
