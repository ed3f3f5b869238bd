"""Joins a cluster of Ray, or starts one on this machine."""

import contextlib
import importlib.util
import logging
import os
import signal
import socket
import threading

from kerasfg.data.progress import processors
from kerasfg.export.quiet import quiet
from kerasfg.one_line import one_line

# Seconds that the cluster may take to answer at all.
_ANSWER = 10
# What begins HTTP/2, which Ray speaks; a server answers by its settings.
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
_SETTINGS = b"\4"
_SILENT = {
    # It calls by the word error what Ray Data always does: to give what is
    # large to workers that may begin anew.
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    # What it says of a machine that died goes to stdout, and is done again.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
    # It tells its makers nothing.
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_USAGE_DISABLED": "1",
}
_WHERE = (
    "name a running cluster by HOST:PORT, as `ray start --head` prints it, or "
    "leave out `ray_address`: then one is started on this machine"
)


def check_cluster(address=None):
    """Checks, without loading Ray, that it is installed and answers.

    Args:
        address: As of `connect`.

    Raises:
        ImportError: If Ray is not installed.
        ValueError: If the address is not one, or no cluster answers there.
    """
    if importlib.util.find_spec("ray") is None:
        raise ImportError(
            "The library Ray is needed for this: pip install 'kerasfg[ray]'"
        )
    if address not in (None, "auto"):
        _check_answer(address)


@contextlib.contextmanager
def connect(address=None, environment=None):
    """Joins the cluster at an address, or starts one on this machine.

    A cluster that was started here ends with the `with`; one that was joined
    goes on. Ray's messages and those of its workers are not shown; its files
    are in `/tmp/ray`.

    Args:
        address: `"HOST:PORT"` of the cluster, one of whose machines this one
            must be; or `"auto"` for the one that this machine is in. Defaults
            to `None`: one is started here, with this machine's processors and
            GPUs.
        environment: Environment variables of the workers, as a dictionary.
            Defaults to `None`: those of the process that started the cluster.

    Yields:
        The module `ray`, connected.

    Raises:
        ImportError: If Ray is not installed.
        ValueError: If the address is not one, no cluster answers there, or none
            can be started.

    Example:

    ```python
    from kerasfg.engines.ray_cluster import connect

    with connect() as ray:
        print(ray.cluster_resources()["CPU"])
    ```
    """
    check_cluster(address)
    with _silent():
        ray = _initialized(address, environment or {})
        try:
            yield ray
        finally:
            ray.shutdown()


def _initialized(address, environment):
    here = {"include_dashboard": False, "num_cpus": processors()}
    with quiet(), _same_handler_of_sigterm():
        import ray

        try:
            ray.init(
                address or "local",
                **({} if address else here),
                log_to_driver=False,
                logging_level=logging.ERROR,
                runtime_env={"env_vars": environment},
            )
        # Ray raises many types: of its own, RuntimeError, ConnectionError.
        except Exception as error:
            ray.shutdown()
            raise ValueError(
                f"Ray must start or answer: {one_line(error)}; {_WHERE}. "
                f"Received: ray_address={address!r}"
            ) from error
    return ray


def _check_answer(address):
    """Raises an error if no Ray is there, for which Ray waits for minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(
            f"The address of a cluster is HOST:PORT: {_WHERE}. "
            f"Received: ray_address={address!r}"
        )
    place = host.strip("[]"), int(port)
    try:
        with socket.create_connection(place, _ANSWER) as connection:
            if os.environ.get("RAY_USE_TLS", "0") != "0":
                return  # nothing can be said to it without its certificates
            connection.sendall(_HELLO)
            if connection.recv(9)[3:4] != _SETTINGS:
                raise ConnectionError("another program is there")
    except OSError as error:
        raise ValueError(
            f"No cluster answers there ({one_line(error)}): {_WHERE}. "
            f"Received: ray_address={address!r}"
        ) from error


@contextlib.contextmanager
def _silent():
    """Sets what Ray reads as it is imported and used."""
    new = {k: v for k, v in _SILENT.items() if k not in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            del os.environ[name]


@contextlib.contextmanager
def _same_handler_of_sigterm():
    """Keeps what a signal to end does, which `ray.init` would replace."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
