"""The laws of operations. Importing this package enters them all."""

from tests.laws import less, linear, many, slope, value
from tests.laws.law import LAWS

__all__ = ["LAWS", "less", "linear", "many", "slope", "value"]
