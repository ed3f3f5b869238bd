from kerasfg.distributed.processes import ALONE
from kerasfg.distributed.processes import Processes


def test_one_process_leads_and_has_what_it_shares():
    assert ALONE == Processes(0, 1)
    assert ALONE.leads
    assert ALONE.share(b"a recipe") == b"a recipe"
    ALONE.wait("anywhere")  # for nobody
    ALONE.leave()


def test_only_the_first_leads():
    assert [Processes(i, 3).leads for i in range(3)] == [True, False, False]
