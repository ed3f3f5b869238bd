from kerasfg.distributed.processes import SINGLE_PROCESS
from kerasfg.distributed.processes import Processes


def test_a_single_process_leads_and_has_what_it_shares():
    assert SINGLE_PROCESS == Processes(0, 1)
    assert SINGLE_PROCESS.is_leader
    assert SINGLE_PROCESS.share(b"a recipe") == b"a recipe"
    SINGLE_PROCESS.wait("anywhere")  # for nobody
    SINGLE_PROCESS.leave()


def test_only_the_first_leads():
    assert [Processes(i, 3).is_leader for i in range(3)] == [True, False, False]
