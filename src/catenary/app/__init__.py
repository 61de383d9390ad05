"""The command line: train a network on a table, keep it, show it, use it."""
