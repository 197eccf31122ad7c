"""The process that a node runs plugins in: ``python -m doin_sdk.host``, driven over standard input and output.

Standard output belongs to the protocol. What plugins print goes to standard error, which the node logs line by line.
"""

import os
import platform
import queue
import sys
import threading
import traceback
from typing import Any, Callable, Dict, Optional

from .errors import BadConfiguration, PluginError, ProtocolError, UnsupportedError, kind_of
from .framing import Channel, Segments
from .session import Session

VERSIONS = (1,)
"""The versions of the protocol that this package speaks."""

MOST_MESSAGE = 2000


class Host:
    """Takes requests in from a thread of its own, so that notices are heard while a request is worked on."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.session: Optional[Session] = None
        self.requests: "queue.Queue" = queue.Queue()
        self.current: Optional[int] = None

    def listen(self) -> None:
        """Reads until the node closes the stream, then ends the process, whatever it is computing."""
        status = 0
        try:
            while True:
                frame = self.channel.receive()
                if frame is None or frame[0]["type"] == "shutdown":
                    break
                self._take_in(*frame)
        except ProtocolError as error:
            print("doin_sdk: the node does not keep to the protocol: %s" % error, file=sys.stderr)
            status = 3
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _take_in(self, header: Dict[str, Any], segments: Segments) -> None:
        kind = header["type"]
        if kind == "cancel":
            if self.session is not None and header.get("id") == self.current:
                self.session.cancelled.set()
        elif kind in ("network_champion", "stage_advance"):
            try:
                if self.session is None:
                    pass
                elif kind == "network_champion":
                    self.session.network_champion(segments.get("parameters", b""))
                else:
                    self.session.stage_advance(header.get("stage"))
            except Exception:
                traceback.print_exc()
        else:
            self.requests.put((header, segments))

    def serve(self) -> None:
        """Answers requests one after another. Plugin code runs in the main thread: some libraries insist on it."""
        while True:
            header, segments = self.requests.get()
            self.current = header.get("id")
            try:
                values, payload = self._answer(header, segments)
            except PluginError as error:
                self._fail(error.kind, str(error), error if error.__cause__ is not None else None)
            except (ProtocolError, KeyboardInterrupt):
                raise
            except BaseException as error:
                # SystemExit too: a plugin that calls sys.exit has failed, and the node is told why.
                self._fail(kind_of(error, "plugin"), "%s: %s" % (type(error).__name__, error), error)
            else:
                try:
                    self.channel.send(dict(values, type="result", id=self.current), payload)
                except (ProtocolError, ValueError, TypeError) as error:
                    self._fail("plugin", "the answer cannot be sent: %s" % error, None)
            self.current = None
            sys.stdout.flush()

    def _fail(self, kind: str, message: str, error: Optional[BaseException]) -> None:
        if error is not None:
            traceback.print_exception(type(error), error, error.__traceback__)
        message = message.encode("utf-8", "replace").decode("utf-8")[:MOST_MESSAGE]
        self.channel.send({"type": "error", "id": self.current, "kind": kind, "message": message})

    def _answer(self, header: Dict[str, Any], segments: Segments) -> Any:
        kind = header["type"]
        if kind == "hello":
            return self._hello(header), None
        session = self.session
        if session is None:
            raise ProtocolError("%s before hello" % kind)
        handlers: Dict[str, Callable[[], Any]] = {
            "baseline": lambda: ({}, {"parameters": session.baseline()}),
            "optimize": lambda: self._optimize(session, header, segments),
            "synthesize": lambda: ({}, {"data": session.synthesize(_seed(header), header.get("season", 0))}),
            "evaluate": lambda: (session.evaluate(segments["parameters"], segments["data"]), None),
            "infer": lambda: ({}, {"output": session.infer(segments["parameters"], segments["input"])}),
            "call": lambda: self._call(session, header, segments),
            "shared_create": lambda: _generation(session.shared().create(_seed(header))),
            "shared_evaluate": lambda: self._shared_evaluate(session, header, segments),
            "shared_reproduce": lambda: self._shared_reproduce(session, header, segments),
        }
        if kind not in handlers:
            raise UnsupportedError("no request of the type %r is known" % kind)
        return handlers[kind]()

    def _hello(self, header: Dict[str, Any]) -> Dict[str, Any]:
        from . import __version__

        common = [version for version in VERSIONS if version in header.get("versions", [])]
        if not common:
            raise BadConfiguration(
                "the node speaks versions %s of the plugin protocol, doin-sdk %s speaks %s: install the other's version"
                % (header.get("versions"), __version__, list(VERSIONS))
            )
        self.channel.most_payload_bytes = int(header["limits"]["payload_bytes"])
        self.session = Session(header["domain"], self._emit)
        return {
            "version": max(common),
            "sdk": __version__,
            "python": platform.python_version(),
            "capabilities": self.session.capabilities(),
            "metadata": self.session.metadata(),
        }

    @staticmethod
    def _optimize(session: Session, header: Dict[str, Any], segments: Segments) -> Any:
        found = session.optimize(segments.get("parameters"), _seed(header), header.get("season", 0))
        return {"metric": found["metric"], "gain": found["gain"]}, {"parameters": found["parameters"]}

    @staticmethod
    def _call(session: Session, header: Dict[str, Any], segments: Segments) -> Any:
        from .encoding import decode, encode

        value = session.call(header.get("method", ""), decode(segments.get("arguments", b"{}")))
        return {}, {"value": encode(value)}

    @staticmethod
    def _shared_evaluate(session: Session, header: Dict[str, Any], segments: Segments) -> Any:
        metric, parameters = session.shared_evaluate(segments["candidate"], header["number"])
        return {"metric": metric}, {"parameters": parameters}

    @staticmethod
    def _shared_reproduce(session: Session, header: Dict[str, Any], segments: Segments) -> Any:
        metrics = header["metrics"]
        candidates = [segments["candidate %d" % index] for index in range(len(metrics))]
        found = session.shared().reproduce(candidates, segments["state"], metrics, header["number"], _seed(header))
        return ({"converged": True, "candidates": 0}, None) if found is None else _generation(found)

    def _emit(self, kind: str, values: Dict[str, Any], segments: Optional[Segments] = None) -> None:
        self.channel.send(dict(values, type=kind, id=self.current), segments)


def _generation(generation: Any) -> Any:
    candidates, state = generation
    named = {"candidate %d" % index: candidate for index, candidate in enumerate(candidates)}
    return {"converged": False, "candidates": len(candidates)}, dict(named, state=state)


def _seed(header: Dict[str, Any]) -> bytes:
    return bytes.fromhex(header.get("seed", ""))


def main() -> None:
    """Takes over standard input and output for the protocol, and serves."""
    # Inherited by no program that a plugin starts.
    reader = os.fdopen(os.dup(0), "rb")
    writer = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    # For print() and for libraries that write to the descriptor alike.
    os.dup2(2, 1)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    host = Host(Channel(reader, writer))
    threading.Thread(target=host.listen, name="doin-protocol", daemon=True).start()
    host.serve()


if __name__ == "__main__":
    main()
