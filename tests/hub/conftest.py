"""A stand-in for the Hugging Face Hub: a small server of its API."""

import base64
import hashlib
import http.server
import io
import json
import shutil
import threading
import urllib.parse
import zipfile

import h5py
import numpy as np
import pytest

from kerasfg.config import Recipe
from kerasfg.data.splits import write_splits
from kerasfg.evaluation.report.report import evaluate_predictions
from kerasfg.evaluation.report.report import write_report
from kerasfg.hub import download
from kerasfg.run.run_folder import RunFolder
from kerasfg.run.run_folder import write_text

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TOKEN = "hf_of_the_test"


class Hub:
    """What the server holds.

    Attributes:
        files: `{repo: {name: bytes}}`.
        private: Names of the private repos.
        commits: What was committed: lists of `(kind, name)`.
        asked: Requests, as `"GET /api/models/ann/birds"`.
        claimed: Size that is told of every file, or `None` for the true one.
        server: The server that tells of it.
    """

    def __init__(self):
        self.files, self.private, self.commits = {}, set(), []
        self.asked, self.claimed, self.server = [], None, None


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub = None

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = self._path()
        if path[0] == "api" and path[1] != "models":
            self._refuse(404, "")
            return
        if path[0] != "api":
            self._file("/".join(path[:2]), path[-1])
            return
        repo, rest = "/".join(path[2:4]), path[4:]
        if repo not in self.hub.files or not self._may_see(repo):
            self._refuse(404, "RepoNotFound")
        elif rest[:1] == ["revision"] and rest[1] not in ("main", COMMIT):
            self._refuse(404, "RevisionNotFound")
        elif rest[:1] == ["tree"]:
            self._json([self._entry(repo, name) for name in self._names(repo)])
        else:
            self._json(
                {
                    "id": repo,
                    "sha": COMMIT,
                    "private": repo in self.hub.private,
                    "siblings": [{"rfilename": x} for x in self._names(repo)],
                }
            )

    def do_POST(self):
        path, body = self._path(), self._body()
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._refuse(401, "")
        elif path == ["api", "validate-yaml"]:
            self._json({"errors": [], "warnings": []})
        elif path == ["api", "repos", "create"]:
            self._create(json.loads(body))
        elif path[4] == "preupload":
            files = json.loads(body)["files"]
            modes = {"uploadMode": "regular", "shouldIgnore": False}
            self._json({"files": [{"path": x["path"], **modes} for x in files]})
        else:
            self._commit("/".join(path[2:4]), body)

    def _create(self, given):
        repo = f"{given['organization']}/{given['name']}"
        is_new = repo not in self.hub.files
        self.hub.files.setdefault(repo, {})
        private = given.get("private") or given.get("visibility") == "private"
        if is_new and private:
            self.hub.private.add(repo)
        self._json({"url": f"{self._server()}/{repo}"})

    def _commit(self, repo, body):
        done = []
        for line in body.splitlines():
            row = json.loads(line)
            kind, value = row["key"], row["value"]
            if kind == "file":
                content = base64.b64decode(value["content"])
                self.hub.files[repo][value["path"]] = content
            if kind == "deletedFile":
                del self.hub.files[repo][value["path"]]
            done.append((kind, value.get("path", "")))
        self.hub.commits.append(done)
        url = f"{self._server()}/{repo}/commit/{COMMIT}"
        self._json({"success": True, "commitOid": COMMIT, "commitUrl": url})

    # === Parts of answers ===

    def _server(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def _path(self):
        url = urllib.parse.urlsplit(self.path)
        self.hub.asked.append(f"{self.command} {url.path}")
        return urllib.parse.unquote(url.path).strip("/").split("/")

    def _body(self):
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"] or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _may_see(self, repo):
        if repo not in self.hub.private:
            return True
        return self.headers["Authorization"] == f"Bearer {TOKEN}"

    def _names(self, repo):
        return sorted(self.hub.files[repo])

    def _entry(self, repo, name):
        content = self.hub.files[repo][name]
        return {
            "type": "file",
            "path": name,
            "size": self.hub.claimed or len(content),
            "oid": hashlib.sha1(content).hexdigest(),
        }

    def _file(self, repo, name):
        content = self.hub.files[repo][name]
        self.send_response(200)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self._send(content, self.hub.claimed)

    def _refuse(self, status, code):
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self._send(b"{}")

    def _json(self, value):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self._send(json.dumps(value).encode())

    def _send(self, content, claimed=None):
        self.send_header("Content-Length", str(claimed or len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A `Hub` that the client of this process talks to, logged in."""
    from huggingface_hub import constants

    hub = Hub()
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), type("AnswersOfHub", (Answers,), {"hub": hub})
    )
    hub.server = server
    thread = threading.Thread(
        target=server.serve_forever, args=(0.01,), daemon=True
    )
    thread.start()
    place = f"http://127.0.0.1:{server.server_port}"
    template = f"{place}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "ENDPOINT", place)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    download._downloaded.cache_clear()
    yield hub
    server.shutdown()
    server.server_close()
    download._downloaded.cache_clear()


CLASSES = ("Black_rail", "<b>Sora</b> | [x](y)", "Virginia rail")


def write_model(path):
    """Writes a `.keras` file with two weights and an optimizer's state."""
    config = {"class_name": "Model", "config": {}, "compile_config": {}}
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file["layers/dense/vars/0"] = np.arange(4.0)
        file["optimizer/vars/0"] = np.zeros(1000)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", weights.getvalue())


@pytest.fixture(scope="session")
def made_run(tmp_path_factory):
    """A finished run without a network; what it predicts is made up."""
    run = RunFolder(tmp_path_factory.mktemp("runs") / "rails")
    run.path.mkdir()
    data = tmp_path_factory.mktemp("home") / "secret" / "rails"
    recipe = Recipe().with_options(data=str(data), image_size=32)
    labels = np.arange(60) % 3
    probabilities = np.full((60, 3), 0.15)
    probabilities[np.arange(60), labels] = 0.7
    probabilities[:6] = np.roll(probabilities[:6], 1, axis=1)  # wrong
    report = evaluate_predictions(
        labels, probabilities, labels, probabilities, CLASSES
    )
    run.write_recipe(recipe)
    write_text(run.labels, "".join(f"{name}\n" for name in CLASSES))
    names = [f"{i}.jpg" for i in range(150)]
    write_splits(
        run.splits, names, ["train"] * 80 + ["val"] * 40 + ["test"] * 30
    )
    write_model(run.model)
    for name in ("confusion.png", "mistakes.png"):
        (run.path / name).write_bytes(b"picture")
    write_report(report, run.report)
    run.write_manifest(recipe, report)
    return run.path


@pytest.fixture
def finished_run(made_run, tmp_path):
    """A copy of `made_run`, a `RunFolder`."""
    return RunFolder(shutil.copytree(made_run, tmp_path / "rails"))
