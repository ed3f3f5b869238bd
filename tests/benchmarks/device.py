"""Measures what a device trains: pictures a second, on each backend.

    python tests/benchmarks/device.py [--out FILE.csv] [--seconds 120] ...

Each row is a training by `fit`, in a process of its own, of EfficientNet-Lite0
or ResNet-18 from random weights on random pixels. Fed by `kerasfg`, that is
with augmentation, once as a plain Keras model and once with all terms of both
papers (attention, the attribute term with its centroids, the class variance).
Beside it the peers, plain Keras `fit` of the plain model without augmentation:
fed from float32 arrays, and from a `keras.utils.PyDataset` whose workers decode
JPEG files of 224 pixels and shrink them.

The first epoch compiles and does not count. Prints and writes for each row:
images a second, the share of the time that the step waited for input, the
share of the time that the GPU was busy (nvidia-smi), and the peak memory. In
the end it prints the ratios that matter.

On a GPU several processes compile at once (`--at-once`); each is timed alone,
as soon as it is ready, while the others are stopped. Rows come in the order of
their importance; what is not ready after `--seconds` is given up.
"""

import argparse
import contextlib
import csv
import importlib.util
import io
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

COLUMNS = (
    "device",
    "backend",
    "network",
    "pixels",
    "batch",
    "feed",
    "terms",
    "steps_at_once",
    "images_per_second",
    "input_wait",
    "device_busy",
    "peak_mb",
    "seconds_to_compile",
    "error",
)
STRIDES = {32: 8, 64: 16}  # what a recipe takes at these sizes
CLASSES = 50
JPEG_PIXELS, JPEG_FILES = 224, 2048
# Names of the functions that are a training step, of Keras and of DeviceSteps.
STEPS = ("train_step", "one", "several")


def main():
    options = parsed()
    if options.one:
        measure(json.loads(options.one), options)
        return 0
    rows = []
    until = time.monotonic() + options.seconds
    for row in measured(list(rows_to_measure(options)), options, until):
        rows.append(row)
        write(rows, options.out)
    print_ratios(rows)
    return 0


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, help="CSV file to write")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--timed", type=float, default=3.0, help="a row's")
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument(
        "--pictures", type=int, default=32768, help="of an epoch"
    )
    parser.add_argument("--batches", default="32,256,1024,4096")
    parser.add_argument("--pixels", default="32,64")
    parser.add_argument("--networks", default="efficientnet_lite0,resnet_18")
    parser.add_argument("--backends", default=",".join(installed()))
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def installed():
    return [n for n in ("jax", "tensorflow") if importlib.util.find_spec(n)]


def rows_to_measure(options):
    """Yields the rows, the most important first."""
    batches = [int(n) for n in options.batches.split(",")]
    networks = options.networks.split(",")
    middle = batches[len(batches) // 2]
    for backend in options.backends.split(","):
        for pixels in map(int, options.pixels.split(",")):
            row = {"backend": backend, "pixels": pixels}
            yield from important(row, networks, batches, middle)


def important(row, networks, batches, middle):
    lite0, *others = ({**row, "network": name} for name in networks)
    small = row["pixels"] == 32

    def of(network, batch, feed="kerasfg", terms=0):
        return {**network, "batch": batch, "feed": feed, "terms": terms}

    yield of(lite0, middle)
    yield of(lite0, middle, "arrays")
    for network in others:
        yield of(network, middle)
        yield of(network, middle, terms=1)
    # Of the same program as that from arrays, which the cache then has.
    yield of(lite0, middle, "decoding")
    yield of(lite0, middle, terms=1)
    for batch in reversed(batches):
        if batch == middle:
            continue
        yield of(lite0, batch)
        if small:
            yield of(lite0, batch, "arrays")
        for network in others:
            if small:
                yield of(network, batch)
            yield of(network, batch, terms=1)


# === The parent ===


def measured(waiting, options, until):
    """Yields each row, with what was measured or the error.

    `--at-once` processes compile. As soon as one is ready it is timed alone:
    the others are stopped meanwhile.
    """
    children = []
    try:
        while time.monotonic() < until and (waiting or children):
            while waiting and len(children) < options.at_once:
                children.append(Child(waiting.pop(0), options))
            ready = next((x for x in children if x.ready.is_set()), None)
            if ready is None:
                time.sleep(0.1)
                continue
            children.remove(ready)
            with stopped(children):
                row = ready.result()
            print(f"{label(row):60} {shown(row)}", flush=True)
            yield row
    finally:
        for child in children:
            print("not ready in time:", label(child.row))
            child.kill()
        for row in waiting:
            print("not begun, no time left:", label(row))


@contextlib.contextmanager
def stopped(children):
    """Lets processes compute nothing inside a `with`."""
    try:
        for child in children:
            child.process.send_signal(signal.SIGSTOP)
        yield
    finally:
        for child in children:
            child.process.send_signal(signal.SIGCONT)


def shown(row):
    return row["error"] or (
        f"{row['images_per_second']:>9.0f} images/s, "
        f"waits {row['input_wait'] or 0:.1%}, "
        f"busy {row['device_busy'] or '?'} %, {row['peak_mb']} MB, "
        f"compiled in {row['seconds_to_compile']} s"
    )


class Child:
    """The process of a row."""

    def __init__(self, row, options):
        self.row = row
        self.timed = options.timed
        command = [sys.executable, __file__, "--one", json.dumps(row)]
        for name in ("timed", "pictures", "precision"):
            command += [f"--{name}", str(getattr(options, name))]
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command,
            env={
                **os.environ,
                "KERAS_BACKEND": row["backend"],
                "TF_CPP_MIN_LOG_LEVEL": "3",
                "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
                "XLA_PYTHON_CLIENT_MEM_FRACTION": "0.95",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )
        self.lines = []
        self.ready, self.ended = threading.Event(), threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            if line == "ready\n":
                self.ready.set()
            self.lines.append(line)
        self.ready.set()
        self.ended.set()

    def result(self):
        """Lets the process time its row; returns it, with an error if any."""
        with contextlib.suppress(OSError):
            self.process.stdin.write("go\n")
            self.process.stdin.flush()
        self.ended.wait(4 * self.timed + 30)
        self.kill()
        found = [line for line in self.lines if line.startswith("{")]
        if found:
            return dict.fromkeys(COLUMNS) | self.row | json.loads(found[-1])
        self.errors.seek(0)
        lines = [x for x in self.errors.read().splitlines() if x.strip()]
        errors = [x for x in lines if "Error" in x or "RESOURCE" in x]
        error = (errors or lines or ["no answer in time"])[-1][:200]
        return dict.fromkeys(COLUMNS) | self.row | {"error": error}

    def kill(self):
        self.process.kill()
        self.process.wait()


def label(row):
    terms = "all terms" if row["terms"] else "plain"
    return (
        f"{row['backend']} {row['network']} {row['pixels']} px, batch "
        f"{row['batch']}, {terms}, from {row['feed']}"
    )


def write(rows, path):
    if path is None:
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue())


def print_ratios(rows):
    """Prints kerasfg over its peers, and all terms over none."""
    speed = {
        tuple(row[k] for k in ("backend", "network", "pixels", "batch"))
        + (row["feed"], row["terms"]): row["images_per_second"]
        for row in rows
        if not row["error"]
    }
    for (*what, feed, terms), images in speed.items():
        name = "{} {} {} px, batch {}".format(*what)
        if terms:
            plain = speed.get((*what, feed, 0))
            if plain:
                ratio = plain / images
                print(f"{name}: a step with all terms takes {ratio:.3f}")
        elif feed != "kerasfg":
            ours = speed.get((*what, "kerasfg", 0))
            if ours:
                print(f"{name}: kerasfg is {ours / images:.2f} x {feed}")


# === A row, in its own process ===


class Gate:
    """Tells the parent that this process is ready, and waits to be let go."""

    def __init__(self):
        self.is_open = False
        self.began = time.perf_counter()

    def wait(self):
        if self.is_open:
            return
        self.seconds = round(time.perf_counter() - self.began, 1)
        print("ready", flush=True)
        sys.stdin.readline()
        self.is_open = True


def gate_compiled_steps(gate):
    """Has JAX wait once a training step is compiled, before it runs.

    Its program comes from the cache of compiled programs then.
    """
    import jax

    jit = jax.jit

    def gated(*given, **options):
        compiled = jit(*given, **options)
        function = given[0] if given else None
        if getattr(function, "__name__", "") not in STEPS:
            return compiled

        def call(*arguments):
            if not gate.is_open:
                compiled.lower(*arguments).compile()
                gate.wait()
            return compiled(*arguments)

        return call

    jax.jit = gated


def measure(row, options):
    """Trains, and prints a JSON object when it was told to go."""
    gate = Gate()
    if row["backend"] == "jax" and os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        gate_compiled_steps(gate)
    import keras
    import numpy as np

    if options.precision != "float32":
        keras.config.set_dtype_policy(f"mixed_{options.precision}")
    batch, side = row["batch"], row["pixels"]
    steps = min(max(options.pictures // batch, 2), 256)
    random = np.random.default_rng(0)
    shape = (steps * batch, side, side, 3)
    labels = random.integers(0, CLASSES, shape[0]).astype("int32")
    if row["feed"] == "decoding":
        data, callbacks, at_once = decoding(shape, labels, batch)
    else:
        images = random.integers(0, 256, shape, dtype="uint8")
        data, callbacks, at_once = fed(row["feed"], images, labels, batch)
    model = network(row)
    model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True if row["backend"] == "jax" else "auto",
        steps_per_execution=at_once,
    )
    timer = timed(gate, options.timed, batch)
    model.fit(
        **data,
        epochs=10**6,
        verbose=0,
        callbacks=[*callbacks, timer],
    )
    device, peak = of_device()
    answer = {
        "device": device,
        "seconds_to_compile": gate.seconds,
        "steps_at_once": at_once,
        "peak_mb": peak,
        **timer.found,
    }
    print(json.dumps(answer), flush=True)
    os._exit(0)  # threads of the input need not end


def fed(feed, images, labels, batch):
    """Returns arguments of `fit`, callbacks, and steps in one program."""
    if feed == "arrays":
        arrays = {"x": images.astype("float32"), "y": labels}
        return arrays | {"batch_size": batch}, [], 1
    import types

    from kerasfg.data.batches.augmentation import Augmentation
    from kerasfg.data.batches.pipeline import TrainingBatches
    from kerasfg.training.device_steps import DeviceSteps
    from kerasfg.training.device_steps import can_make_batches
    from kerasfg.training.device_steps import steps_per_execution
    from kerasfg.training.input_wait import InputWait

    batches = TrainingBatches(images, labels, batch, 0, Augmentation())
    dataset = batches.dataset(0, 10**6)
    wanted = os.environ.get("STEPS_PER_EXECUTION", 0)
    settings = types.SimpleNamespace(steps_per_execution=int(wanted))
    own = [DeviceSteps(dataset)] if can_make_batches(batches) else []
    data = {
        "x": dataset,
        "steps_per_epoch": batches.steps_per_epoch,
        "shuffle": False,
    }
    at_once = steps_per_execution(settings, batches)
    return data, [*own, InputWait(batches)], at_once


def decoding(shape, labels, batch):
    import keras
    import numpy as np
    from PIL import Image

    count, side = shape[:2]
    folder = Path(tempfile.mkdtemp())
    random = np.random.default_rng(0)

    def draw(index):
        noise = np.random.default_rng(index).integers(0, 256, (14, 14, 3))
        picture = Image.fromarray(noise.astype("uint8"))
        picture = picture.resize((JPEG_PIXELS, JPEG_PIXELS), Image.BICUBIC)
        picture.save(folder / f"{index}.jpg", quality=90)

    files = min(JPEG_FILES, count)
    with ThreadPoolExecutor() as pool:
        list(pool.map(draw, range(files)))

    class Decoding(keras.utils.PyDataset):
        def __len__(self):
            return max(1, min(count // batch, 8192 // batch))

        def __getitem__(self, index):
            rows = random.integers(0, files, batch)
            images = np.stack([self.read(row) for row in rows])
            return images, labels[rows]

        def read(self, row):
            with Image.open(folder / f"{row}.jpg") as picture:
                small = picture.resize((side, side), Image.BICUBIC)
            return np.asarray(small, "float32")

    workers = os.cpu_count()
    data = Decoding(workers=workers, max_queue_size=2 * workers)
    return {"x": data}, [], 1


def network(row):
    import keras
    import numpy as np

    from kerasfg import AttributeTable
    from kerasfg.losses import ClassVariance
    from kerasfg.models import FineGrainedClassifier
    from kerasfg.models import backbone

    side = row["pixels"]
    if row["network"] == "small":
        features = small_backbone(side)
    else:
        features = backbone(
            row["network"], side, output_stride=STRIDES[side], weights=None
        )
    if not row["terms"]:
        pooled = keras.layers.GlobalAveragePooling2D()(features.output)
        kept = keras.layers.Dropout(0.2)(pooled)
        logits = keras.layers.Dense(CLASSES, dtype="float32")(kept)
        return keras.Model(features.input, logits)
    values = np.arange(CLASSES)[:, None] % 2
    names = [f"class {i}" for i in range(CLASSES)]
    return FineGrainedClassifier(
        features,
        CLASSES,
        attention=True,
        class_variance=ClassVariance(),
        attributes=AttributeTable(names, ["forest"], values, [("no", "yes")]),
    )


def small_backbone(side):
    """Returns a network of two layers, to try this script with."""
    import keras

    images = x = keras.Input((side, side, 3))
    for filters in (8, 16):
        x = keras.layers.Conv2D(filters, 3, strides=2, use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.Activation("relu")(x)
    return keras.Model(images, x, name="backbone")


def timed(gate, seconds, batch):
    """Returns the callback that times the epochs after the first."""
    import keras

    class Timer(keras.callbacks.Callback):
        found = {}

        def on_train_begin(self, logs=None):
            self.started, self.waits = None, []

        def on_epoch_end(self, epoch, logs=None):
            float(logs["loss"])  # the device has done it
            if self.started is None:
                gate.wait()
                self.busy = Busy()
                self.started, self.epochs = time.perf_counter(), 0
                return
            self.epochs += 1
            self.waits.append(float(logs.get("input_wait", "nan")))
            took = time.perf_counter() - self.started
            if took < seconds:
                return
            self.model.stop_training = True
            images = self.epochs * self.params["steps"] * batch
            wait = statistics.median(self.waits)
            self.found |= {
                "images_per_second": round(images / took, 1),
                "input_wait": None if wait != wait else round(wait, 4),
                "device_busy": self.busy.share(),
            }

    return Timer()


class Busy:
    """What nvidia-smi says of how busy the GPU is, meanwhile."""

    def __init__(self):
        self.process = None
        if shutil.which("nvidia-smi"):
            self.process = subprocess.Popen(
                [
                    "nvidia-smi",
                    "--query-gpu=utilization.gpu",
                    "--format=csv,noheader,nounits",
                    "-lms",
                    "200",
                ],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )

    def share(self):
        """Returns the mean in percent, or `None`."""
        if self.process is None:
            return None
        self.process.terminate()
        lines = self.process.communicate()[0].split()
        values = [float(x) for x in lines[2:] if x.strip().isdigit()]
        return round(statistics.mean(values), 1) if values else None


def of_device():
    """Returns the name of the device, and its peak memory in MB."""
    import resource

    import keras

    if keras.backend.backend() == "jax":
        import jax

        device = jax.devices()[0]
        peak = (device.memory_stats() or {}).get("peak_bytes_in_use")
        if peak:
            return device.device_kind, round(peak / 2**20)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return "cpu", round(used / 2**10)


if __name__ == "__main__":
    sys.exit(main())
