"""Reads arrays from a MATLAB file of an archive."""

import numpy as np

# The published files are far smaller. Compression can hide a thousand times
# as much content.
MAX_MAT_BYTES = 4 * 2**20


def read_mat(archive, path, names):
    """Reads some arrays of a `.mat` file, flattened.

    SciPy reads only numbers and text and executes nothing from the file.

    Args:
        archive: `kerasfg.data.sources.published.archive.Archive`.
        path: Path of the file.
        names: Names of the arrays.

    Returns:
        Dictionary from name to list of Python numbers or, for a cell array
        of texts, of str.

    Raises:
        ValueError: If the file is too large, is not a MATLAB file, or lacks an
            array.
    """
    from scipy.io import loadmat

    archive.check_size(path, MAX_MAT_BYTES)
    try:
        content = loadmat(path, variable_names=list(names), appendmat=False)
    except Exception as error:  # a damaged file raises errors of many types
        reason = f"{type(error).__name__}: {error}"
        raise archive.problem(
            f"{path.name} is not a MATLAB file ({reason})"
        ) from error
    missing = [name for name in names if name not in content]
    if missing:
        raise archive.problem(f"{path.name} lacks the arrays {missing}")
    return {name: _plain(archive, path, content[name]) for name in names}


def _plain(archive, path, array):
    if array.dtype.kind in "iuf":
        return array.ravel().tolist()
    values = [np.asarray(cell).ravel().tolist() for cell in array.ravel()]
    if not all(len(v) == 1 and isinstance(v[0], str) for v in values):
        raise archive.problem(f"{path.name} must hold numbers or texts")
    return [value[0] for value in values]
