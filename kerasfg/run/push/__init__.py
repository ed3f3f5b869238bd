"""Uploads a run or an export to the Hugging Face Hub."""

from kerasfg.run.push.upload import push

__all__ = ["push"]
