"""Transforms of graphs: they know kinds of derivative and structures, no operation by name."""
