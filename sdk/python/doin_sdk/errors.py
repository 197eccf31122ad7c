"""The errors that a plugin may raise, and what the node takes them for."""


class PluginError(Exception):
    """A failure that the node is told of as one of these kinds."""

    kind = "plugin"


class BadParameters(PluginError):
    """The parameters are no model of this domain. Evaluators vote the worst metric for such an optimum."""

    kind = "bad-parameters"


class BadInput(PluginError):
    """The input of an inference is not what the model takes."""

    kind = "bad-input"


class BadData(PluginError):
    """The synthetic data are not of this domain."""

    kind = "bad-data"


class BadConfiguration(PluginError):
    """The domain's specification or the plugins do not fit together."""

    kind = "bad-configuration"


class NoImprovement(PluginError):
    """A round of optimization has found nothing better. This is no failure."""

    kind = "no-improvement"


class NonFinite(PluginError):
    """A metric is not a number, or infinite."""

    kind = "non-finite"


class Cancelled(PluginError):
    """The node has given up on the request. Raised out of callbacks and :func:`doin_sdk.progress`; let it pass."""

    kind = "cancelled"


class UnsupportedError(PluginError):
    """The plugin does not have what the request needs."""

    kind = "unsupported"


class ProtocolError(Exception):
    """The other side does not keep to the protocol; the process ends."""


# Exceptions that say something of this machine and nothing of the parameters that were being measured.
FAILURES_OF_THE_MACHINE = (MemoryError, OSError, ImportError, SystemError)


def kind_of(error: BaseException, otherwise: str) -> str:
    """What the node is told of an exception: its own kind, ``memory`` or ``plugin`` for the machine's failures,
    ``otherwise`` for all that plugin code raises."""
    if isinstance(error, PluginError):
        return error.kind
    # The tensor libraries have classes of their own for it, derived from RuntimeError.
    if isinstance(error, MemoryError) or "OutOfMemory" in type(error).__name__:
        return "memory"
    if isinstance(error, FAILURES_OF_THE_MACHINE):
        return "plugin"
    return otherwise
