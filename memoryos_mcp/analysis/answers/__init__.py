"""
Asking a model about pages and checking what it answers: one schema, one checker, for whichever model it is.

The `openai` analyzer and the `host` analyzer share all of this; only who is asked, and how, differs. Nothing here
calls a model, reads a store or believes an answer.
"""

from .batch import read_batch
from .findings import read_segment
from .material import BatchMaterial, SegmentMaterial, batch_material, segment_material
from .shapes import BATCH, BATCH_WITH_TRAITS, SEGMENT
from .words import batch_rules, segment_rules

__all__ = [
    "BATCH",
    "BATCH_WITH_TRAITS",
    "SEGMENT",
    "BatchMaterial",
    "SegmentMaterial",
    "batch_material",
    "batch_rules",
    "read_batch",
    "read_segment",
    "segment_material",
    "segment_rules",
]
