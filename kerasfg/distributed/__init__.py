"""One training in several processes; nothing here needs TensorFlow."""

from kerasfg.distributed.join import join
from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.distributed.processes import Processes

__all__ = ["Processes", "SINGLE_PROCESS", "join"]
