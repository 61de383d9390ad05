"""Of any function: tangent and quadratic models, Taylor series, critical points, kinks."""
