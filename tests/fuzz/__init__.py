"""Graphs drawn at random, run as machine code and held against the reference.

What is drawn is such that the right answer is known: values are exactly representable, so that
sums and products come out the same in any order; where they are not, a bound on the rounding is
carried along. So a disagreement is always an error.
"""
