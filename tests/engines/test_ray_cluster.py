import importlib.util
import socket
import threading

import pytest

from kerasfg.engines import ray_cluster
from kerasfg.engines.ray_cluster import check_cluster


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    """Whether Ray is there does not matter: it is not loaded."""
    found = importlib.util.find_spec("json")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: found)


@pytest.fixture
def program():
    """Function that starts a program which answers anything with bytes."""
    servers = []

    def start(answer):
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def serve():
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        return f"127.0.0.1:{server.getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


def test_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"pip install 'kerasfg\[ray\]'"):
        check_cluster()


@pytest.mark.parametrize("address", ["", "host", ":6379", "host:0", "host:x"])
def test_an_address_is_a_host_and_a_port(address):
    with pytest.raises(ValueError, match=r"HOST:PORT.*Received: ray_address="):
        check_cluster(address)


def test_what_speaks_http_2_may_be_a_cluster(program):
    settings = b"\0\0\6\4\0\0\0\0\0\0\3\0\0\0d"
    check_cluster(program(settings))
    check_cluster("auto")
    check_cluster()


def test_another_program_or_none_at_the_address_is_no_cluster(
    program, monkeypatch
):
    with pytest.raises(ValueError, match="another program is there"):
        check_cluster(program(b"HTTP/1.0 400 Bad request\r\n\r\n"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(ray_cluster, "_ANSWER", 0.1)
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ValueError, match="timed out"):
            check_cluster(address)
    with pytest.raises(ValueError, match="No cluster answers") as caught:
        check_cluster(address)
    assert f"Received: ray_address={address!r}" in str(caught.value)
