"""The processes that share a training, and their communication."""

import dataclasses

WEEK = 7 * 24 * 3600 * 1000  # ms; an absent process is noticed much earlier


@dataclasses.dataclass(frozen=True)
class Processes:
    """Which process this is, of how many that train one model.

    Attributes:
        index: Index of this process.
        count: Number of processes.

    Example:

    >>> alone = Processes()
    >>> alone.is_leader, alone.share(b"a recipe")
    (True, b'a recipe')
    """

    index: int = 0
    count: int = 1

    @property
    def is_leader(self):
        """Whether this is the one that writes the run folder."""
        return self.index == 0

    def share(self, content=b""):
        """Sends the bytes of the leading process to every process.

        All processes must call this, in the same order.

        Args:
            content: Bytes; only those of the leading process count.

        Returns:
            The bytes of the leading process.
        """
        if self.count == 1:
            return content
        import numpy as np
        from jax.experimental.multihost_utils import broadcast_one_to_all

        size = int(broadcast_one_to_all(np.int32(len(content))))
        mine = np.frombuffer(content, "uint8")
        if not self.is_leader:
            mine = np.zeros(size, "uint8")
        return np.asarray(broadcast_one_to_all(mine)).tobytes()

    def wait(self, name):
        """Waits, for hours if necessary, until all processes call this.

        Sums over processes have a short time limit, so call this where one
        process may need much longer than the others.

        Args:
            name: Name of the barrier, another one each time.
        """
        if self.count > 1:
            from jax._src.distributed import global_state  # no public way

            global_state.client.wait_at_barrier(f"kerasfg {name}", WEEK)

    def leave(self):
        """Ends the communication, in all processes at once.

        After it the processes can no longer work together.
        """
        if self.count > 1:
            import jax

            jax.distributed.shutdown()


SINGLE_PROCESS = Processes()
