"""Frames of the plugin protocol: see docs/plugin-protocol.md."""

import json
import struct
import threading
from typing import Any, BinaryIO, Dict, Optional, Tuple

from .errors import ProtocolError

MOST_HEADER_BYTES = 1 << 20
"""The longest header, in both directions."""

_LENGTHS = struct.Struct("<II")

Segments = Dict[str, bytes]


class Channel:
    """Reads frames from one stream and writes them to another; writing is safe from several threads."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO, most_payload_bytes: int = 1 << 20) -> None:
        self._reader = reader
        self._writer = writer
        self._lock = threading.Lock()
        self.most_payload_bytes = most_payload_bytes

    def receive(self) -> Optional[Tuple[Dict[str, Any], Segments]]:
        """The next frame; ``None`` at the end of the stream."""
        start = self._reader.read(_LENGTHS.size)
        if not start:
            return None
        header_bytes, payload_bytes = _LENGTHS.unpack(self._whole(start, _LENGTHS.size))
        if not 0 < header_bytes <= MOST_HEADER_BYTES:
            raise ProtocolError("a header of %d bytes" % header_bytes)
        if payload_bytes > self.most_payload_bytes:
            raise ProtocolError("a payload of %d bytes, %d are allowed" % (payload_bytes, self.most_payload_bytes))
        try:
            header = json.loads(self._exactly(header_bytes).decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise ProtocolError("a header that is not JSON: %s" % error) from None
        if not isinstance(header, dict) or not isinstance(header.get("type"), str):
            raise ProtocolError("a header without a type")
        return header, self._segments(header, self._exactly(payload_bytes))

    def send(self, header: Dict[str, Any], segments: Optional[Segments] = None) -> None:
        """Writes one frame, whole."""
        segments = segments or {}
        if segments:
            header = dict(header, segments=[[name, len(data)] for name, data in segments.items()])
        text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode("utf-8")
        payload = b"".join(segments.values())
        if len(text) > MOST_HEADER_BYTES:
            raise ProtocolError("a header of %d bytes is too long to be sent" % len(text))
        if len(payload) > self.most_payload_bytes:
            raise ProtocolError("%d bytes are too many to be sent, %d are allowed" % (len(payload), self.most_payload_bytes))
        with self._lock:
            self._writer.write(_LENGTHS.pack(len(text), len(payload)) + text + payload)
            self._writer.flush()

    @staticmethod
    def _segments(header: Dict[str, Any], payload: bytes) -> Segments:
        segments, begin = {}, 0
        for entry in header.get("segments", []):
            if not (isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str) and isinstance(entry[1], int)):
                raise ProtocolError("segments must be pairs of a name and a length")
            name, length = entry
            if length < 0 or begin + length > len(payload):
                raise ProtocolError("segments that are longer than the payload")
            segments[name] = payload[begin : begin + length]
            begin += length
        if begin != len(payload):
            raise ProtocolError("a payload that is longer than its segments")
        return segments

    def _exactly(self, count: int) -> bytes:
        return self._whole(b"", count)

    def _whole(self, start: bytes, count: int) -> bytes:
        parts, missing = [start], count - len(start)
        while missing > 0:
            part = self._reader.read(missing)
            if not part:
                raise ProtocolError("the stream ended within a frame")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)
