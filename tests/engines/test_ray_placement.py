"""What is checked before a training on Ray starts; without Ray."""

import types

import pytest

from kerasfg.engines.ray_child import Child
from kerasfg.engines.ray_placement import check_shared
from kerasfg.engines.ray_placement import placed


class Cluster:
    """Stands for `ray`, with so many processors and GPUs that are free."""

    def __init__(self, free, **resources):
        self.resources, self.free, self.reserved = resources, free, []
        self.util = self

    def get(self, results):
        return results

    def cluster_resources(self):
        return self.resources

    def placement_group(self, bundles, strategy):
        assert strategy == "SPREAD"
        self.reserved.append(bundles)
        return types.SimpleNamespace(wait=lambda seconds: self.free)

    def remove_placement_group(self, group):
        self.reserved.append(None)


class Machine(Child):
    """Stands for an actor."""

    def __init__(self, shares):
        real = super().misses
        self.misses = types.SimpleNamespace(
            remote=lambda folder, file, text: (
                real(folder, file, text) if shares else file
            )
        )


@pytest.mark.parametrize("resources", [{"CPU": 2}, {"CPU": 9, "GPU": 2}])
def test_a_machine_that_is_too_small_is_an_error(resources):
    kind = list(resources)[-1]
    message = f"needs a {kind} of the machine, which has 2.* workers=3$"
    with (
        pytest.raises(ValueError, match=message),
        placed(Cluster(True, **resources), 3, kind == "GPU", False, print),
    ):
        pass


def test_a_cluster_that_stays_too_small_is_an_error(capsys):
    ray = Cluster(False, CPU=8, GPU=1)
    with (
        pytest.raises(ConnectionError, match="needs 2 GPUs of the cl.* has 1"),
        placed(ray, 2, True, True, print),
    ):
        pass
    assert capsys.readouterr().out.startswith("Waiting for 2 GPUs of the clus")
    assert ray.reserved == [[{"CPU": 1, "GPU": 1}] * 2, None]


def test_a_disk_that_is_not_shared_is_an_error(tmp_path):
    run = tmp_path / "runs" / "birds"
    check_shared(Cluster(True), [Machine(True), Machine(True)], run)
    with pytest.raises(ValueError, match="does not see .*runs. Mount") as error:
        check_shared(Cluster(True), [Machine(True), Machine(False)], run)
    assert str(error.value).endswith(f"Received: out={str(run)!r}")
    assert list((tmp_path / "runs").iterdir()) == []
