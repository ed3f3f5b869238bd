"""What servers answer instead of a picture, in one line."""

from __future__ import annotations

import errno

NETWORK, ABSENT, DENIED, CREDENTIALS, OTHER = range(5)

# Classes of errors of aiohttp, botocore, gcsfs and Python.
_NETWORK = {
    "ClientConnectionError",
    "ClientPayloadError",
    "ConnectionError",
    "HTTPClientError",
    "ResponseStreamingError",
    "IncompleteReadError",
    "TimeoutError",
    "TransportError",
    "gaierror",
}
_CREDENTIALS = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "DefaultCredentialsError",
    "RefreshError",
    "ProfileNotFound",
    "InvalidConfigError",
}
_OF_THIS_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
_STATUS_KIND = {401: DENIED, 403: DENIED, 404: ABSENT, 410: ABSENT}
_TEXTS = {
    NETWORK: "the server could not be reached, or broke off",
    ABSENT: "there is no such bucket or file",
    DENIED: "access was denied: check the rights of your account, and that the "
    "account is the right one",
    CREDENTIALS: "no credentials were found: set them as for the tools of the "
    "service (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, `aws configure`, or "
    "`gcloud auth application-default login`)",
}


class Halted(RuntimeError):
    """Pictures elsewhere cannot be read, whichever of them it is.

    It is no `OSError`, since those are the reasons of single pictures.
    """


def kind_of_error(error: BaseException) -> int:
    """Returns what went wrong: one of the five constants."""
    chain = list(_chain(error))
    names = {base.__name__ for one in chain for base in type(one).__mro__}
    if names & _CREDENTIALS:
        return CREDENTIALS
    for one in chain:
        # gcsfs has it as `code`, which warns where aiohttp has it, too.
        name = "code" if type(one).__name__ == "HttpError" else "status"
        status = getattr(one, name, None)
        if isinstance(status, int) and 400 <= status < 600:
            busy = status in (408, 425, 429) or status >= 500
            return NETWORK if busy else _STATUS_KIND.get(status, OTHER)
    if names & _NETWORK or getattr(error, "errno", None) in (
        errno.EBUSY,  # as s3fs says that the service is busy
        getattr(errno, "EREMOTEIO", errno.EIO),
    ):
        return NETWORK
    if "FileNotFoundError" in names:
        return ABSENT
    return DENIED if "PermissionError" in names else OTHER


def is_of_this_disk(error: BaseException) -> bool:
    """Returns whether it is about a full disk of one's own."""
    return getattr(error, "errno", None) in _OF_THIS_DISK


def cause_of(error: BaseException) -> BaseException:
    """Returns what fsspec says `FileNotFoundError` for, whatever it was."""
    is_absent = isinstance(error, FileNotFoundError)
    return error.__cause__ if is_absent and error.__cause__ else error


def describe(error: BaseException) -> str:
    """Says what went wrong, in a clause."""
    text = " ".join(str(error).split())[:200]
    name = type(error).__name__
    known = _TEXTS.get(kind_of_error(error))
    if known is None:
        return f"{name}: {text}" if text else name
    if kind_of_error(error) == NETWORK:
        return f"{known} ({name}{f': {text}' if text else ''})"
    return known


def _chain(error):
    seen = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        error = error.__cause__ or error.__context__
