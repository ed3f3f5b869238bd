"""Errors of the Hub in one line that says what to do."""

import contextlib
import json

from kerasfg.one_line import one_line

_LOG_IN = "`hf auth login`, or set HF_TOKEN"
# What the client raises where an answer has another form.
_NOT_OF_HUB = (
    AssertionError,
    AttributeError,
    KeyError,
    TypeError,
    json.JSONDecodeError,
)


@contextlib.contextmanager
def plain_errors(address):
    """Makes the errors of huggingface_hub inside a `with` a `ValueError`.

    Args:
        address: The `HubAddress`.

    Raises:
        ValueError: In place of an error of the Hub or of the network.
    """
    try:
        yield
    except Exception as error:
        text = _text(error)
        if text is None:
            raise
        raise ValueError(f"{text}. Received: {address}") from error


def is_unreachable(error):
    """Returns whether an error says that the Hub does not answer.

    Args:
        error: The exception.
    """
    from huggingface_hub import errors

    offline = (
        errors.LocalEntryNotFoundError,
        errors.DryRunError,
        errors.OfflineModeIsEnabled,
    )
    if isinstance(error, errors.HfHubHTTPError):
        return False
    # The library of HTTP is another one in each version of the client.
    return isinstance(error, offline) or _is_of_http(error)


def _is_of_http(error):
    root = type(error).__module__.partition(".")[0]
    return root.startswith(("httpx", "httpcore", "requests", "urllib3"))


def _text(error):
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return (
            "This model is given only to those who agree to its terms: agree "
            f"on its page, and log in by {_LOG_IN}"
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            "There is no such model on the Hub, or it is private and you are "
            f"not logged in: check the name, or log in by {_LOG_IN}"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return "The model has no such revision: leave out what follows the @"
    if isinstance(error, errors.LocalTokenNotFoundError):
        return f"You must be logged in to the Hub: {_LOG_IN}"
    if isinstance(error, errors.HfHubHTTPError):
        return _of_status(error)
    if _is_of_http(error):
        return "The Hub cannot be reached: check the network"
    if is_unreachable(error):
        return (
            "The Hub cannot be reached, and the model is not kept on this "
            "computer: check the network, or download it elsewhere and copy "
            "its folder"
        )
    if isinstance(error, _NOT_OF_HUB):
        return (
            "What answers is not the Hub: check whether the network wants you "
            "to log in by a browser, and HF_ENDPOINT if it is set"
        )
    return None


def _of_status(error):
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if status == 401:
        return f"You must be logged in to the Hub: {_LOG_IN}"
    if status == 403:
        return (
            "Your token does not allow this: log in with one that may write "
            f"to this user's models, by {_LOG_IN}"
        )
    return f"The Hub answers: {one_line(error)}"
