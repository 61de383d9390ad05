"""Catenary: deep learning in plain NumPy, with derivatives you can look at."""

__version__ = "0.1.0"
