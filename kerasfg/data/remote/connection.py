"""The connections to buckets and web servers, by fsspec."""

from __future__ import annotations

import functools
import importlib.util
from typing import Any

from kerasfg.data.remote.address import check_lead
from kerasfg.data.remote.address import scheme_of

_PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "https": "aiohttp", "http": "aiohttp"}
_CONNECT, _READ = 15, 30  # seconds without an answer
_PER_HOST = 16  # connections


def check_packages(address: str) -> None:
    """Checks that what reads an address is installed.

    Raises:
        ImportError: If it is not.
    """
    for package in ("fsspec", _PACKAGES[scheme_of(address)]):
        if importlib.util.find_spec(package) is None:
            raise ImportError(
                f"{package} is needed for pictures that are not on this disk: "
                f"pip install 'kerasfg[remote]'. Received: {address!r}"
            )


def connection(address: str) -> Any:
    """Returns the `fsspec` file system of an address, one for each scheme.

    Raises:
        ImportError: If its package is not installed.
    """
    check_packages(address)
    return _connection(scheme_of(address))


def forget_connections() -> None:
    """Makes the next call of `connection` heed a changed environment."""
    _connection.cache_clear()


@functools.cache
def _connection(scheme):
    import fsspec

    options: dict[str, Any] = {"skip_instance_cache": True}
    if scheme == "s3":
        options |= {
            "anon": not _has_aws_credentials(),
            "use_listings_cache": False,
            "config_kwargs": {
                "connect_timeout": _CONNECT,
                "read_timeout": _READ,
                "retries": {"max_attempts": 1},  # s3fs has five of its own
                "max_pool_connections": 64,
            },
        }
    elif scheme == "gs":
        options |= {"use_listings_cache": False}
    else:
        options |= {"get_client": _session}
    return fsspec.filesystem(scheme, **options)


def _has_aws_credentials():
    """Without any, buckets that are open to all are still read."""
    import botocore.exceptions
    import botocore.session

    try:
        return botocore.session.get_session().get_credentials() is not None
    except botocore.exceptions.BotoCoreError:
        return True  # half of them are there, which s3fs will say


async def _session(**options):
    """Makes the session of HTTP, which watches where it is led."""
    import aiohttp

    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_check_redirect)
    options.pop("loop", None)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit_per_host=_PER_HOST),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(
            total=None, sock_connect=_CONNECT, sock_read=_READ
        ),
        trace_configs=[trace],
        trust_env=True,  # proxies
        **options,
    )


async def _check_redirect(_session, _context, params):
    import yarl

    answer = params.response
    location = answer.headers.get("Location") or answer.headers.get("URI", "")
    target = answer.url.join(yarl.URL(location))
    check_lead(str(answer.url), str(target))
