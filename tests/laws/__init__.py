"""The laws of operations. Importing this package enters them all."""

from tests.laws import batches, derivatives, linearity, simplification, values
from tests.laws.law import LAWS

__all__ = ["LAWS", "batches", "derivatives", "linearity", "simplification", "values"]
