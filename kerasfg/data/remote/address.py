"""The addresses of pictures elsewhere: which are taken, and from where."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import unicodedata
import urllib.parse

BUCKETS = ("s3", "gs")
_WEB = ("https", "http")
_LONGEST = 2000  # characters
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.*:-]*://")
_HOST = re.compile(r"[\w.:-]+(%\w+)?")  # letters of all scripts
_CONTROL = re.compile(r"[\x00-\x20\x7f]")


def is_remote(place: str | os.PathLike[str]) -> bool:
    """Returns whether a place is an address, not a path.

    Data sets of the Hugging Face Hub have their own reader.

    Example:

    >>> is_remote("s3://bucket/photos"), is_remote("photos")
    (True, False)
    """
    place = os.fspath(place)
    return bool(_SCHEME.match(place)) and not place.startswith("hf://")


def scheme_of(address: str) -> str:
    """Returns the scheme of an address, such as `"s3"`."""
    return address.partition("://")[0].lower()


def bucket_and_key(address: str) -> tuple[str, str]:
    """Splits the address of something in a bucket.

    Example:

    >>> bucket_and_key("s3://bucket/a/b.jpg")
    ('bucket', 'a/b.jpg')
    """
    bucket, _, key = address.partition("://")[2].partition("/")
    return bucket, key


def check_address(address: str, is_place: bool = True) -> None:
    """Checks an address before anything is asked of it.

    Args:
        address: The address.
        is_place: Whether it is that of a whole place, which is written into
            the run folder. Defaults to `True`.

    Raises:
        ValueError: If it has another scheme than s3, gs and https (http for
            this machine alone), no host, or a password.
    """
    scheme = scheme_of(address)
    received = f"Received: directory={address[:200]!r}"
    if scheme not in (*BUCKETS, *_WEB):
        raise ValueError(
            "Pictures that are not on this disk are at s3://BUCKET/FOLDER, "
            "gs://BUCKET/FOLDER or https://HOST/list.csv; other addresses are "
            f"not opened. {received}"
        )
    host = _host(address)
    if not host or "@" in address.partition("://")[2].partition("/")[0]:
        raise ValueError(
            "An address must have a host or bucket, and no user or password "
            f"in it: those belong in the environment. {received}"
        )
    web = scheme in _WEB
    if len(address) > _LONGEST or (web and _CONTROL.search(address)):
        raise ValueError(
            f"An address must have at most {_LONGEST} characters and no "
            f"blanks: write %20 for one. {received}"
        )
    if scheme == "http" and not _is_this_machine(host):
        raise ValueError(
            "An address must begin with https://: what comes by http:// can "
            f"be changed by anybody on its way. {received}"
        )
    if is_place and web and re.search("[?#]", address):
        raise ValueError(
            "The address of a place is written into the run folder, and must "
            "have no ? or #, which often hold a key: download the file, and "
            f"name its path. {received}"
        )


def join(base: str, path: str) -> str:
    """Returns the address of a path in a list.

    Args:
        base: Address of the list.
        path: The path, as the list has it: an address, or relative.

    Raises:
        ValueError: If the path leads out of the folder of the list, or the
            address is not one that this list may name.

    Example:

    >>> join("https://host/a/list.csv", "b c.jpg")
    'https://host/a/b%20c.jpg'
    """
    if is_remote(path):
        check_address(path, is_place=False)
        check_lead(base, path)
        return path
    path = path.replace("\\", "/")
    if path.startswith("/") or ":" in path.split("/")[0] or "\0" in path:
        raise _outside(path)
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or not parts:
        raise _outside(path)
    path = "/".join(parts)
    if scheme_of(base) in _WEB:
        path = urllib.parse.quote(path)
    return f"{base.rpartition('/')[0]}/{path}"


def check_lead(origin: str, target: str) -> None:
    """Checks that one address may lead to another, in a list or a redirect.

    Args:
        origin: An address that was asked for.
        target: The address that it names.

    Raises:
        ValueError: If it is in a bucket of another service, or in a network
            that only this machine reaches.
    """
    scheme = scheme_of(target)
    same = _host(origin) == _host(target)
    if scheme in BUCKETS:
        allowed = scheme == scheme_of(origin)
    else:
        allowed = scheme == "https" or (
            same and scheme == "http" == scheme_of(origin)
        )
        allowed &= same or not _is_inside(_host(target))
    if not allowed:
        raise ValueError(
            "A list or page from elsewhere must name pictures by https://, at "
            "a host that anybody reaches, or in a bucket like its own. "
            f"Received: {target[:200]!r}, named by {origin[:200]!r}"
        )


def _outside(path):
    return ValueError(
        "A path in a list from elsewhere must lead to a file beside it or "
        "below it, and never to one on this disk. "
        f"Received: path={path[:200]!r}"
    )


def _host(address):
    rest = address.partition("://")[2]
    if scheme_of(address) in BUCKETS:
        return rest.partition("/")[0]
    try:
        host = urllib.parse.urlsplit(address).hostname or ""
    except ValueError:  # such as half of an IPv6 address
        return ""
    # As the library of HTTP reads it, to which １２７。0。0。1 is 127.0.0.1.
    host = unicodedata.normalize("NFKC", host).replace("。", ".").lower()
    return host.rstrip(".") if _HOST.fullmatch(host) else ""


def _is_this_machine(host):
    number = _number(host)
    return host == "localhost" if number is None else number.is_loopback


def _is_inside(host):
    """Whether a host is, by its name, in a network of one's own."""
    number = _number(host)
    if number is not None:
        return not number.is_global
    return "." not in host or host.endswith(
        (".localhost", ".localdomain", ".local", ".internal", ".lan")
    )


def _number(host):
    """Returns the IP address that a host is, however it is written."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.ip_address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None
