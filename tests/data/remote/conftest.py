"""Servers of this machine for the tests of what is elsewhere."""

import contextlib
import functools
import http.server
import importlib.util
import json
import threading
import time
import urllib.parse
from pathlib import Path

import pytest

from kerasfg.data.remote.connection import forget_connections
from kerasfg.data.remote.download import _lost
from kerasfg.data.remote.remote_file import _look_up


def pytest_collection_modifyitems(items):
    """Skips what starts servers where the extra is missing."""
    needed = ("fsspec", "s3fs", "gcsfs", "aiohttp", "moto")
    missing = [
        name for name in needed if importlib.util.find_spec(name) is None
    ]
    for item in items:
        if missing and item.path.name == "test_servers.py":
            item.add_marker(pytest.mark.skip(f"not installed: {missing}"))


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; some names misbehave."""

    asked: list[str] = []

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = urllib.parse.unquote(self.path)
        self.asked.append(f"{self.command} {path}")
        name = urllib.parse.unquote(self.path.rpartition("/")[2])
        if name.startswith("half"):
            return self._half(path)
        if name.startswith("to="):
            self.send_response(302)
            self.send_header("Location", name.removeprefix("to=") or "x")
            self.end_headers()
            return None
        if name.startswith("busy"):
            self.send_error(503)
            return None
        if name.startswith("large"):
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                for _ in range(10_000):
                    self.wfile.write(bytes(100_000))
            return None
        if name.startswith("silent"):
            time.sleep(3)
            return None
        return super().do_GET()

    def do_HEAD(self):
        if Path(self.path).name.startswith("half"):
            self.send_error(405)
        elif Path(self.path).name.startswith("no-bytes"):
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif Path(self.path).name.startswith(("to=", "busy", "large")):
            self.do_GET()
        else:
            super().do_HEAD()

    def _half(self, path):
        """Breaks off, but for `half-once` the second time."""
        data = Path(self.translate_path("/blue/00.png")).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        whole = "once" in path and self.asked.count(f"GET {path}") > 2
        self.wfile.write(data if whole else data[:40])
        self.close_connection = True


class Bucket(http.server.BaseHTTPRequestHandler):
    """As much of Google's storage as is asked for, of a folder."""

    folder: Path

    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        parts = [urllib.parse.unquote(part) for part in url.path.split("/")]
        if parts[-1] == "o" and parts[-2] == "photos":
            return self._json(self._page(query))
        file = self.folder / parts[-1]
        if "photos" not in parts or not file.is_file():
            return self.send_error(404)
        if query.get("alt") == ["media"] or "download" in parts:
            self.send_response(200)
            self.end_headers()
            return self.wfile.write(file.read_bytes())
        return self._json(self._facts(file))

    def _page(self, query):
        """Two files a page."""
        prefix = query.get("prefix", [""])[0]
        start = int(query.get("pageToken", ["0"])[0])
        found = [
            facts
            for facts in map(self._facts, sorted(self.folder.rglob("*.png")))
            if facts["name"].startswith(prefix)
        ]
        page = {"items": found[start : start + 2]}
        more = {"nextPageToken": str(start + 2)} if found[start + 2 :] else {}
        return page | more

    def _facts(self, file):
        name = file.relative_to(self.folder).as_posix()
        size = str(file.stat().st_size)
        return {"name": name, "size": size, "generation": "1", "etag": name}

    def _json(self, content):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """New connections, an empty cache, and no account of the machine's."""
    monkeypatch.setenv("KERASFG_CACHE", str(tmp_path / "cache"))
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def forget():
        forget_connections()
        _look_up.cache_clear()
        _lost.clear()

    forget()
    yield tmp_path / "cache"
    forget()


@pytest.fixture
def web(fresh, picture_folder):
    """Address of `picture_folder` on a web server."""
    Handler.asked.clear()
    with serving(functools.partial(Handler, directory=picture_folder)) as url:
        yield url


@pytest.fixture(scope="session")
def moto():
    """Address of an S3 of this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def s3(fresh, moto, monkeypatch, picture_folder):
    """A client of S3 whose bucket `photos` has `picture_folder` in `set`."""
    import botocore.session

    for name, value in (
        ("AWS_ENDPOINT_URL", moto),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "word"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    client = botocore.session.get_session().create_client("s3")
    client.create_bucket(Bucket="photos")
    for file in sorted(picture_folder.rglob("*.png")):
        key = f"set/{file.relative_to(picture_folder).as_posix()}"
        client.put_object(Bucket="photos", Key=key, Body=file.read_bytes())
    yield client
    for page in client.get_paginator("list_objects_v2").paginate(
        Bucket="photos"
    ):
        for facts in page.get("Contents", ()):
            client.delete_object(Bucket="photos", Key=facts["Key"])
    client.delete_bucket(Bucket="photos")


@pytest.fixture
def google(fresh, picture_folder, monkeypatch):
    """Google's storage, whose bucket `photos` is `picture_folder`."""
    Bucket.folder = picture_folder
    with serving(Bucket) as url:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", url)
        yield


@contextlib.contextmanager
def serving(handler):
    """Yields the address of a server in a thread."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
