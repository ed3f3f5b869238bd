"""Lists what is in a bucket, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator

from kerasfg.data.remote.address import bucket_and_key
from kerasfg.data.remote.address import check_address
from kerasfg.data.remote.address import scheme_of
from kerasfg.data.remote.connection import connection
from kerasfg.data.remote.download import asked
from kerasfg.data.remote.download import version_of
from kerasfg.data.remote.remote_file import RemoteFile

_PAGE = 1000


def bucket_files(address: str) -> Iterator[RemoteFile]:
    """Yields the files below a folder of a bucket, as the pages come.

    Args:
        address: Such as `s3://bucket/folder`.

    Yields:
        `RemoteFile`, with a name relative to the folder. Those before are not
        kept, however many there are.

    Raises:
        ValueError: If there is no such bucket, or it may not be listed.
        Halted: If the service cannot be reached.
        ImportError: If a package is not installed.
    """
    check_address(address)
    scheme = scheme_of(address)
    bucket, prefix = bucket_and_key(address)
    prefix = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
    page, token = {"s3": _s3_page, "gs": _gs_page}[scheme], None
    while True:
        try:
            found, token = asked(
                lambda token=token: page(address, bucket, prefix, token),
                address,
            )
        except OSError as error:
            raise ValueError(
                f"The bucket could not be listed: {error}. "
                f"Received: directory={address!r}"
            ) from error
        for key, facts in found:
            name = key[len(prefix) :]
            if not name or name.endswith("/"):
                continue  # what the console makes in place of a folder
            version, size = version_of(facts)
            yield RemoteFile(name, f"{scheme}://{bucket}/{key}", version, size)
        if not token:
            return


def _s3_page(address, bucket, prefix, token):
    more = {"ContinuationToken": token} if token else {}
    page = connection(address).call_s3(
        "list_objects_v2", Bucket=bucket, Prefix=prefix, MaxKeys=_PAGE, **more
    )
    found = [(facts["Key"], facts) for facts in page.get("Contents", ())]
    return found, page.get("NextContinuationToken")


def _gs_page(address, bucket, prefix, token):
    more = {"pageToken": token} if token else {}
    page = connection(address).call(
        "GET",
        "b/{}/o",
        bucket,
        prefix=prefix,
        maxResults=_PAGE,
        json_out=True,
        **more,
    )
    found = [(facts["name"], facts) for facts in page.get("items", ())]
    return found, page.get("nextPageToken")
