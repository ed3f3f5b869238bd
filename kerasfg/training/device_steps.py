"""Trains on JAX with the pixels on the device and many steps in one program."""

import collections
import itertools
import os
import time

import keras
import numpy as np

# Steps in one program on a GPU. Python takes some milliseconds to start one.
AT_ONCE = 32


class DeviceSteps(keras.callbacks.Callback):
    """Replaces the training step of JAX by one that makes its batch itself.

    The pixels of the training are put on the device once, if they fit in half
    of its memory, and a step gets only the indices of its pictures and
    the random numbers to augment them. Otherwise it gets their uint8 pixels.
    With `steps_per_execution` in `compile`, that many steps run in one program,
    without Python in between.

    The results are those of `TrainingBatches.batch` and Keras's own step, up to
    rounding.

    Args:
        sequence: The `EpochSequence` that `fit` is given.
    """

    def __init__(self, sequence):
        super().__init__()
        self.sequence = sequence
        self.batches = sequence.batches
        self.rows = np.unique(self.batches.all_places)
        self.pixels = _on_device(self.batches.images, self.rows)

    def on_train_begin(self, logs=None):
        self.sequence.restart(self)
        self.waiting = collections.deque()
        self.ahead = {}
        self.model.train_function = self._function()

    def on_train_end(self, logs=None):
        self.sequence.restart()
        self.model.train_function = None

    def __call__(self, epoch, step):
        """Notes what batch `fit` takes; returns what stands for it."""
        self.waiting.append((epoch, step))
        return (np.int32(step),)

    def _function(self):
        import jax

        model, many = self.model, self.model.steps_per_execution

        def one(state, pixels, batch):
            return model.train_step(state, self._made(pixels, batch))

        def several(state, pixels, batches, count):
            def body(i, carried):
                batch = jax.tree.map(lambda x: x[i], batches)
                logs, state = one(carried[1], pixels, batch)
                return _like(carried, (logs, state))

            first = jax.tree.map(lambda x: x[0], batches)
            logs, _ = jax.eval_shape(one, state, pixels, first)
            logs = jax.tree.map(_zeros, logs)
            return jax.lax.fori_loop(0, count, body, (logs, state))

        one_jit = jax.jit(one, donate_argnums=0)
        several_jit = jax.jit(several, donate_argnums=0)

        def function(state, iterator):
            count = len(list(itertools.islice(iterator, many)))
            if not count:
                raise StopIteration
            taken = [self.waiting.popleft() for _ in range(count)]
            drawn = [self.ahead.pop(x, None) or self._drawn(*x) for x in taken]
            self.batches.ready_at.append(time.perf_counter())
            if many == 1:
                done = one_jit(state, self.pixels, drawn[0])
                self._draw_ahead(*taken[-1], many)
                return done
            # The program is made for `many`; the others are not run.
            drawn += drawn[:1] * (many - count)
            stacked = jax.tree.map(lambda *parts: np.stack(parts), *drawn)
            done = several_jit(state, self.pixels, stacked, count)
            self._draw_ahead(*taken[-1], many)
            return done

        return function

    def _draw_ahead(self, epoch, step, count):
        """Draws the batches after this one, while the device computes."""
        for _ in range(count):
            step += 1
            if step == len(self.sequence):
                epoch, step = epoch + 1, 0
            is_new = (epoch, step) not in self.ahead
            if is_new and epoch < self.sequence.last_epoch:
                self.ahead[epoch, step] = self._drawn(epoch, step)

    def _drawn(self, epoch, step):
        """What a step gets of its batch, as small arrays."""
        drawn = self.batches.drawn(epoch, step)
        if self.pixels is None:
            images = np.asarray(self.batches.images[drawn.places])
        else:
            images = np.searchsorted(self.rows, drawn.places).astype("int32")
        targets = self.batches.labels[drawn.rows]
        logits = self.batches.stored_logits(drawn)
        if logits is not None:
            targets = {"label": targets, "teacher_logits": logits}
        if drawn.augmentation is None:
            return images, targets
        return images, targets, drawn.augmentation

    def _made(self, pixels, batch):
        """Makes the images and the targets, inside the step."""
        images, targets, *augmentation = batch
        if pixels is not None:
            images = keras.ops.take(pixels, images, axis=0)
        if augmentation:
            images = self.batches.augmentation.apply(images, *augmentation)
        return keras.ops.cast(images, "float32"), targets


def steps_per_execution(recipe, batches):
    """Returns the number of steps that are computed without a pause.

    Args:
        recipe: The `Training` section of a recipe.
        batches: The `TrainingBatches` of the training.
    """
    steps, wanted = batches.steps_per_epoch, recipe.steps_per_execution
    if can_make_batches(batches):
        import jax

        on_cpu = jax.default_backend() == "cpu"
        return min(wanted or (1 if on_cpu else AT_ONCE), steps)
    # Keras would go on into the next epoch.
    wanted = min(max(wanted, 1), steps)
    return next(n for n in range(wanted, 0, -1) if steps % n == 0)


def waited_for(recipe, batches):
    """Returns how many batches of a data set an execution waits for.

    Args:
        recipe: The `Training` section of a recipe.
        batches: The `TrainingBatches` of the training.
    """
    made = can_make_batches(batches)  # `DeviceSteps` notes its executions
    return 1 if made else steps_per_execution(recipe, batches)


def can_make_batches(batches):
    """Returns whether a step can make these batches itself.

    It cannot shrink pictures, which Pillow does, or ask a teacher, but it takes
    the logits that a teacher gave for stored views.

    Args:
        batches: A `TrainingBatches`.
    """
    return (
        keras.backend.backend() == "jax"
        and keras.distribution.distribution() is None
        and (batches.augmentation is None or batches.draws)
        and not batches.crop_size
        and not batches.image_size
        and not batches.resolutions
        and batches.teacher is None
    )


def _on_device(images, rows):
    """Puts pictures on the device; returns `None` if they are too large."""
    import jax

    size = len(rows) * np.prod(images.shape[1:], dtype="int64")
    if size > _memory(jax.local_devices()[0]) / 2:
        return None
    return jax.device_put(np.ascontiguousarray(images[rows]))


def _memory(device):
    """Returns the bytes of memory of a device."""
    limit = (device.memory_stats() or {}).get("bytes_limit")
    if limit:
        return limit
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _zeros(like):
    return keras.ops.zeros(like.shape, like.dtype)


def _like(carried, new):
    """Returns arrays in the dtypes of those before, as a loop needs them."""
    import jax

    return jax.tree.map(lambda old, x: x.astype(old.dtype), carried, new)
