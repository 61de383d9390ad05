"""Derivatives as linear maps, and their representations."""
