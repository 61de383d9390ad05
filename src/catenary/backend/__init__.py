"""Backends: graphs made to run."""
