"""In which order a campaign's leads are called. Pure."""

from campaigns.ordering.plan import Kind, ListWeight, Order, faults, read, store, without_lists
from campaigns.ordering.values import Values, bucket_of, values_at

__all__ = [
    "Kind",
    "ListWeight",
    "Order",
    "Values",
    "bucket_of",
    "faults",
    "read",
    "store",
    "values_at",
    "without_lists",
]
