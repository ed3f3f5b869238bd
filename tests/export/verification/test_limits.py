import pytest

from kerasfg.export.quantize import VARIANTS
from kerasfg.export.verification.limits import LIMITS
from kerasfg.export.verification.limits import Limits


def test_every_variant_has_limits():
    made = {name for names in VARIANTS.values() for name in names}
    assert set(LIMITS) == {"float32", "micro", *made}


@pytest.mark.parametrize("name", ["max_difference", "agreement"])
@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_rejects_values(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be.*Received: {name}"):
        Limits(**{name: value})
