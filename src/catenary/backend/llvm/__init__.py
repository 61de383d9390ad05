"""Graphs as machine code, by LLVM."""
