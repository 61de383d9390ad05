"""NumPy's functions, said with the operations. Importing this package covers them."""

from catenary.trace.numpy_api import creation, products, reductions, shaping, ufuncs

__all__ = ["creation", "products", "reductions", "shaping", "ufuncs"]
