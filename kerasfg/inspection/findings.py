"""Words for what was found about single pictures."""

from kerasfg.inspection.suspects import Suspect


def file_findings(source, pixels, odd):
    """Returns a `Suspect` for each picture that is broken or odd.

    Args:
        source: `kerasfg.data.Source`.
        pixels: Its `kerasfg.data.PixelCache`.
        odd: What `find_odd_pictures` returns.
    """
    labels = dict(zip(source.names, source.labels, strict=True))
    broken = [
        Suspect(name, source.class_names[labels[name]], "broken", reason)
        for name, reason in pixels.skipped
    ]
    return broken + [
        _suspect(pixels, index, "odd", ", ".join(why))
        for index, why in odd.items()
    ]


def copy_findings(pixels, copies):
    """Returns a `Suspect` for each copy, or for both if in two classes.

    Args:
        pixels: `kerasfg.data.PixelCache`.
        copies: `kerasfg.data.duplicates.Copies`.
    """
    found = []
    for pair, same in zip(copies.pairs, copies.identical, strict=True):
        words = "identical to" if same else "a near-copy of"
        # "1.jpg" is the picture and "1 (2).jpg" its copy.
        a, b = sorted(pair, key=lambda index: len(pixels.names[index]))
        reason = f"{words} {pixels.names[a]}"
        if pixels.labels[a] == pixels.labels[b]:
            found.append(_suspect(pixels, b, "copy", reason, beside=a))
            continue
        for one, other in ((a, b), (b, a)):
            label = pixels.class_names[pixels.labels[other]]
            reason = f"{words} {pixels.names[other]}, which is {label}"
            found.append(
                _suspect(pixels, one, "two classes", reason, other, label)
            )
    return found


def label_findings(pixels, checked):
    """Returns a `Suspect` for each label that may be wrong, in order.

    Args:
        pixels: `kerasfg.data.PixelCache`.
        checked: `LabelCheck`.
    """
    found = []
    for index in checked.order:
        label = pixels.class_names[checked.looks_like[index]]
        sure = 100 * checked.looks_confidence[index]
        reason = f"looks like {label} ({sure:.0f} %)"
        if label == pixels.class_names[pixels.labels[index]]:
            reason, label = f"hardly looks like {label}", ""
        own = float(checked.self_confidence[index])
        found.append(
            _suspect(
                pixels, index, "label", reason, looks_like=label, score=own
            )
        )
    return found


def outlier_findings(pixels, outliers):
    """Returns a `Suspect` for each picture unlike all others.

    Args:
        pixels: `kerasfg.data.PixelCache`.
        outliers: What `find_outliers` returns.
    """
    return [
        _suspect(pixels, index, "outlier", "unlike all others")
        for index, _ in outliers
    ]


def _suspect(
    pixels, index, kind, reason, beside=None, looks_like="", score=None
):
    return Suspect(
        path=pixels.names[index],
        label=pixels.class_names[pixels.labels[index]],
        kind=kind,
        reason=reason,
        looks_like=looks_like,
        score=score,
        beside="" if beside is None else pixels.names[beside],
    )
