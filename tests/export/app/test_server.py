"""The web server for the phone app."""

import functools
import gzip
import http.client
import ssl
import threading
import urllib.parse

import pytest

from kerasfg.export.app.server import PhoneServer

FILES = {
    "index.html": "text/html; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "manifest.webmanifest": "application/manifest+json",
    "app.json": "application/json",
    "icons/icon.png": "image/png",
    "lib/run.mjs": "text/javascript; charset=utf-8",
    "lib/run.wasm": "application/wasm",
    "models/model.tflite": "application/octet-stream",
    "models/model.onnx": "application/octet-stream",
    "LICENSES.txt": "text/plain; charset=utf-8",
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret").write_text("secret")
    for name in FILES:
        path = tmp_path / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "app"


@pytest.fixture
def serve(folder):
    """A function that starts a server and gives one to ask it."""
    servers = []

    def start(**options):
        server = PhoneServer(folder, port=0, **options)
        servers.append(server)
        run = functools.partial(server.serve_forever, poll_interval=0.01)
        threading.Thread(target=run, daemon=True).start()
        address = urllib.parse.urlsplit(server.addresses[-1])

        def ask(path, method="GET", headers=None):
            if options.get("https"):
                context = ssl.create_default_context()
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                connection = http.client.HTTPSConnection(
                    address.netloc, timeout=20, context=context
                )
            else:
                connection = http.client.HTTPConnection(
                    address.netloc, timeout=20
                )
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            return answer, body

        return server, ask

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_every_file_has_its_type(serve):
    _, ask = serve()
    for name, kind in FILES.items():
        answer, body = ask(f"/{name}")
        assert answer.status == 200
        assert answer.headers["Content-Type"] == kind
        assert body.decode() == name
    assert ask("/")[1] == b"index.html"
    assert ask("/index.html", "HEAD")[1] == b""


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_shrinks_is_sent_compressed(serve, folder, method):
    for name in FILES:
        (folder / name).write_text(name * 1000)
    _, ask = serve()
    for name, kind in FILES.items():
        accepted = {"Accept-Encoding": "br, GZIP"}
        answer, body = ask(f"/{name}", method, accepted)
        assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
        assert answer.headers["Vary"] == "Accept-Encoding"
        shrinks = not name.endswith((".png", ".tflite", ".onnx"))
        assert answer.headers["Content-Encoding"] == ("gzip" * shrinks or None)
        if method == "GET":
            assert int(answer.headers["Content-Length"]) == len(body)
            plain = gzip.decompress(body) if shrinks else body
            assert plain.decode() == name * 1000
        whole, _ = ask(f"/{name}", method)
        assert whole.headers["Content-Encoding"] is None
        assert int(whole.headers["Content-Length"]) == len(name) * 1000


def test_what_a_browser_has_is_not_sent_again(serve):
    _, ask = serve()
    accepted = {"Accept-Encoding": "gzip"}
    first, _ = ask("/app.js", headers=accepted)
    known = {"If-Modified-Since": first.headers["Last-Modified"]}
    again, body = ask("/app.js", headers=accepted | known)
    assert (again.status, body) == (304, b"")


def test_the_worker_has_a_policy_of_its_own(serve):
    _, ask = serve()
    headers = ask("/inference/worker.js")[0].headers
    policies = headers.get_all("Content-Security-Policy")
    assert any("connect-src 'self'" in policy for policy in policies)


def test_headers_keep_the_page_to_itself(serve):
    _, ask = serve()
    for path in ("/", "/absent"):
        headers = ask(path)[0].headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "camera=(self)" in headers["Permissions-Policy"]
        assert headers["Cache-Control"] == "no-cache"
        assert headers["Server"] == "kerasfg"


@pytest.mark.parametrize("threads", [False, True])
def test_isolation_is_for_those_who_want_threads(serve, threads):
    _, ask = serve(threads=threads)
    headers = ask("/")[0].headers
    if threads:
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    else:
        assert "Cross-Origin-Opener-Policy" not in headers
        assert "Cross-Origin-Embedder-Policy" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/absent",
        "/icons/",
        "/../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/icons/%2e%2e/%2e%2e/secret",
        "//secret",
        "/%00",
        "/app.js%00",
        "/app.js/",
        "/link",
        "/linked/secret",
        "/" + "a" * 5000,
    ],
)
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_nothing_else_is_served(serve, folder, path, coding):
    (folder / "link").symlink_to(folder.parent / "secret")
    (folder / "linked").symlink_to(folder.parent)
    _, ask = serve()
    answer, body = ask(path, headers={"Accept-Encoding": coding})
    assert answer.status == 404
    assert b"secret\n" not in body and body != b"secret"
    assert b"icon.png" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_sent_to_it(serve, method):
    _, ask = serve()
    assert ask("/index.html", method)[0].status == 501


def test_plain_http_is_for_this_machine_alone(serve):
    server, _ = serve()
    assert server.server_address[0] == "127.0.0.1"
    assert server.addresses == [f"http://127.0.0.1:{server.server_port}/"]


def test_https_serves_the_network_by_a_certificate_of_its_own(serve):
    server, ask = serve(https=True)
    assert server.server_address[0] == "0.0.0.0"
    assert all(address.startswith("https://") for address in server.addresses)
    answer, body = ask("/")
    assert (answer.status, body) == (200, b"index.html")
    strict = http.client.HTTPSConnection(
        urllib.parse.urlsplit(server.addresses[-1]).netloc,
        timeout=20,
        context=ssl.create_default_context(),
    )
    with pytest.raises(ssl.SSLCertVerificationError):
        strict.request("GET", "/")


def test_a_slow_handshake_does_not_hold_up_others(serve):
    server, ask = serve(https=True)
    import socket

    with socket.create_connection(("127.0.0.1", server.server_port)):
        assert ask("/")[0].status == 200


def test_a_folder_without_an_app_is_refused(tmp_path):
    with pytest.raises(ValueError, match="must hold an app.* Received: folder"):
        PhoneServer(tmp_path)


def test_a_taken_port_is_named(serve, folder):
    server, _ = serve()
    with pytest.raises(ValueError, match="choose another. Received: port="):
        PhoneServer(folder, port=server.server_port)
