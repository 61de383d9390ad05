"""Transforms of Python functions: run them compiled, batched, differentiated."""
