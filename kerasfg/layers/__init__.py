"""Attention, second-order pooling and centroids: tensors in, tensors out."""

from kerasfg.layers.attribute_centroids import (
    AttributeCentroids as AttributeCentroids,
)
from kerasfg.layers.bilinear_pooling import BilinearPooling as BilinearPooling
from kerasfg.layers.compact_bilinear_pooling import (
    CompactBilinearPooling as CompactBilinearPooling,
)
from kerasfg.layers.hierarchical_bilinear_pooling import (
    HierarchicalBilinearPooling as HierarchicalBilinearPooling,
)
from kerasfg.layers.residual_sigmoid_attention import (
    ResidualSigmoidAttention as ResidualSigmoidAttention,
)

__all__ = [
    "AttributeCentroids",
    "BilinearPooling",
    "CompactBilinearPooling",
    "HierarchicalBilinearPooling",
    "ResidualSigmoidAttention",
]
