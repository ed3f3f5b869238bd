"""A web server for the phone app on this machine."""

import contextlib
import functools
import http.server
import os
import pathlib
import socket
import ssl
import tempfile

from kerasfg.export.app.compressed import compress_folder
from kerasfg.export.app.compressed import takes_gzip

_HEADERS = {
    "Cache-Control": "no-cache",  # so that a new version is found at once
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # The rest is in the page; `frame-ancestors` works only as a header.
    "Content-Security-Policy": "frame-ancestors 'none'",
}
# The page's worker has no policy but that of its own file.
_WORKER = "/inference/worker.js"
_OF_WORKER = "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
# Browsers require these before a page may use several threads.
_ISOLATION = {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",  # otherwise it is loaded twice
    ".webmanifest": "application/manifest+json",
}
_LOCAL = "127.0.0.1"


class PhoneServer(http.server.ThreadingHTTPServer):
    """Serves the folder of an app.

    Plain HTTP is for this machine only: browsers allow the camera on
    `127.0.0.1` and over HTTPS. With `https`, phones in the same network can
    open the app too; they have to accept the server's own certificate, and
    browsers do not let such a page be installed or work offline. Files that
    become smaller are sent compressed. Changes to the folder need a restart.

    Args:
        folder: Folder of the app.
        port: Port to listen on, 0 for any free one. Defaults to `8000`.
        https: Whether to serve the network, over HTTPS. Defaults to `False`.
        threads: Whether the page may use several threads (cross-origin
            isolation). Defaults to `False`.

    Raises:
        ValueError: If `folder` has no app in it, or the port is in use.

    Example:

    ```python
    with PhoneServer("app") as server:
        print(server.addresses)
        server.serve_forever()
    ```
    """

    daemon_threads = True

    def __init__(self, folder, port=8000, https=False, threads=False):
        folder = pathlib.Path(folder)
        if not (folder / "app.json").is_file():
            raise ValueError(
                "The folder must hold an app, as `kerasfg phone` makes it. "
                f"Received: folder={folder}"
            )
        headers = {**_HEADERS, **(_ISOLATION if threads else {})}
        self._compressed = tempfile.TemporaryDirectory(prefix="kerasfg-")
        compress_folder(folder, self._compressed.name)
        handler = functools.partial(
            _Handler,
            directory=str(folder.resolve()),
            headers=headers,
            compressed=pathlib.Path(self._compressed.name),
        )
        try:
            super().__init__(("0.0.0.0" if https else _LOCAL, port), handler)
        except (OSError, OverflowError) as error:
            raise ValueError(
                f"The server cannot listen on this port ({error}): choose "
                f"another. Received: port={port}"
            ) from error
        names = [_LOCAL]
        if https:
            names = [*_network_addresses(), *names]
            self.socket = _tls(names).wrap_socket(
                self.socket,
                server_side=True,
                # Each connection's own thread does the handshake.
                do_handshake_on_connect=False,
            )
        scheme = "https" if https else "http"
        self.addresses = [
            f"{scheme}://{name}:{self.server_port}/" for name in names
        ]

    def server_close(self):
        """Stops listening, and removes the compressed files."""
        super().server_close()
        self._compressed.cleanup()

    def handle_error(self, request, client_address):
        """Prints nothing: a phone that disconnects is no error."""


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = {"": "application/octet-stream", **_TYPES}
    timeout = 60

    def __init__(self, *args, headers, compressed, **kwargs):
        self._more_headers = headers
        self._compressed = compressed
        self._is_compressed = False
        super().__init__(*args, **kwargs)

    def send_head(self):
        self._is_compressed = False
        if not self._is_inside():
            self.send_error(http.HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def _is_inside(self):
        """Whether the path is of this folder, with all links followed."""
        try:
            path = pathlib.Path(super().translate_path(self.path)).resolve()
        except (OSError, ValueError):  # no name of a file
            return False
        return path.is_relative_to(self.directory)

    def translate_path(self, path):
        """Returns the compressed file where there is one that is wanted."""
        found = super().translate_path(path)
        wanted = takes_gzip(self.headers.get("Accept-Encoding", ""))
        if not wanted or found.endswith("/"):
            return found
        inside = pathlib.Path(found).relative_to(self.directory)
        copy = self._compressed / inside
        self._is_compressed = os.path.isfile(copy)
        return str(copy) if self._is_compressed else found

    def send_error(self, *args, **kwargs):
        self._is_compressed = False
        super().send_error(*args, **kwargs)

    def end_headers(self):
        if self._is_compressed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        for name, value in self._more_headers.items():
            self.send_header(name, value)
        # A request that cannot be read has no path.
        if getattr(self, "path", "").partition("?")[0].endswith(_WORKER):
            self.send_header("Content-Security-Policy", _OF_WORKER)
        super().end_headers()

    def list_directory(self, path):
        self.send_error(http.HTTPStatus.NOT_FOUND)

    def log_message(self, *args):
        pass

    def version_string(self):
        return "kerasfg"


def _network_addresses():
    """The addresses at which other machines reach this one."""
    # Nothing is sent: the system only chooses the route.
    with contextlib.suppress(OSError):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))
            address = probe.getsockname()[0]
            if address != _LOCAL:
                return [address]
    return []


def _tls(names):
    """A TLS context with a new, unknown certificate for `names`."""
    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, "localhost").configure_cert(context)
    return context
