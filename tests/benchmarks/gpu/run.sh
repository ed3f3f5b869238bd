#!/usr/bin/env bash
# What a GPU has to show, on a bare machine without network that has Python 3.12
# and JAX for CUDA: bash run.sh OUT, in the folder that pack.sh made.
#
# The speed comes first, since it is what was never measured: images a second
# beside plain Keras, and the ratio of a step with all terms to one without. The
# other steps have what is left of the time. Every step writes into OUT what it
# has found as soon as it has, ends at its time limit, and does not keep the
# next one from running:
#   environment.txt  the card, the versions
#   device.csv       images a second (tests/benchmarks/device.py)
#   compare.json     the losses of 20 steps on the GPU and on the CPU
#   records.tar.gz   the folder of `kerasfg reproduce GRID`: copy its contents
#                    to the folder given by --out, and reproduce goes on there
#   log.txt          the output of all steps
#   summary.txt      one line for each step
#
# Compiled programs stay in ./programs, so that a second run on the same machine
# begins where the first one ended.
#
# All that may be set: SECONDS_IN_ALL (300), the share of the benchmark
# (BENCHMARK_SECONDS), which STEPS are done, the grid, and small sizes to
# rehearse it on a processor (KERASFG_REHEARSAL=1 KERASFG_GPU=cpu).
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
python=${PYTHON:-python3}
in_all=${SECONDS_IN_ALL:-300}
benchmark=${BENCHMARK_SECONDS:-$((in_all - 50))}
steps=${STEPS:-benchmark compare grid}
grid=${GRID:-$here/grid.toml}
# A row takes a minute or two to compile, and more if many do at once.
device_options=${DEVICE_OPTIONS:---at-once 4 --pixels 32 --batches 32,1024 \
  --pictures 16384 --timed 2}
jobs=${JOBS:-4}
prepare=${PREPARE_SECONDS:-60}

work=$(mktemp -d)
export KERAS_BACKEND=jax KERASFG_CACHE="$work/cache" PYTHONUNBUFFERED=1
export PYTHONPATH="$work/site" PYTHONDONTWRITEBYTECODE=1
# Trainings of one network and batch size share their programs.
programs=$here/programs
mkdir -p "$programs" 2>/dev/null && [ -w "$programs" ] || programs=$work/programs
export JAX_COMPILATION_CACHE_DIR=$programs
log=$out/log.txt

# step NAME SECONDS COMMAND ...: runs it, and notes how it ended.
step() {
  local name=$1 limit=$2 began=$SECONDS code
  shift 2
  if [ "$limit" -lt 5 ]; then
    echo "$name: no time left" | tee -a "$out/summary.txt"
    return 1
  fi
  printf '\n=== %s (after %s s, at most %s s)\n' "$name" "$SECONDS" "$limit" \
    | tee -a "$log"
  timeout -k 5 "$limit" "$@" 2>&1 | tee -a "$log"
  code=${PIPESTATUS[0]}
  echo "$name: exit $code after $((SECONDS - began)) s" \
    | tee -a "$out/summary.txt"
  return "$code"
}

environment() {
  {
    nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
    "$python" --version
    "$python" -m pip list 2>/dev/null
  } >"$out/environment.txt" 2>&1
  "$python" - <<'PYTHON' 2>&1 | tee -a "$out/environment.txt"
import os
import platform
import jax
import keras
import kerasfg
print(platform.machine(), os.cpu_count(), "cores")
print("jax", jax.__version__, "keras", keras.__version__)
print("device:", jax.devices())
if jax.default_backend() == "cpu" and not os.environ.get("KERASFG_REHEARSAL"):
    raise SystemExit("JAX sees no GPU")
PYTHON
  return "${PIPESTATUS[0]}"
}

install() {
  "$python" -m pip install -q --no-index --no-deps --no-compile \
    --no-cache-dir --upgrade --target "$work/site" "$here"/wheels/*.whl
}

records() {
  [ ! -d "$work/records" ] || (cd "$work" && tar czf "$out/records.tar.gz" --exclude=model.keras \
    --exclude=checkpoint.npz --exclude=.lock records)
}

export -f environment install
export python here work out
step install "$prepare" bash -c install || exit 1
step environment "$prepare" bash -c environment || exit 1
left() { echo $((in_all - SECONDS - 5)); }
lesser() { echo $(($1 < $2 ? $1 : $2)); }
for name in $steps; do
  case $name in
    benchmark)
      # It ends by itself, after the row that it then times.
      seconds=$(lesser "$benchmark" "$(($(left) - 20))")
      # shellcheck disable=SC2086
      step benchmark "$((seconds + 20))" \
        "$python" "$here/device.py" --backends jax --seconds "$seconds" \
        --out "$out/device.csv" $device_options
      ;;
    compare)
      step compare "$(lesser 90 "$(left)")" \
        "$python" "$here/compare.py" "$out/compare.json"
      ;;
    grid)
      export XLA_PYTHON_CLIENT_MEM_FRACTION=$(
        "$python" -c "print(.9 / $jobs)")
      step grid "$(left)" "$python" "$here/records.py" \
        "$grid" "$here/data" "$work/records" "$jobs" "${METHODS:-}"
      records
      ;;
  esac
done
cat "$out/summary.txt"
rm -rf "$work"
