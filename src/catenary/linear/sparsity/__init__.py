"""Derivatives with few nonzeros: where they lie, how few products give them, and SciPy matrices."""
