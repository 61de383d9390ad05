"""From plain NumPy to a graph: traced arrays, NumPy's protocols, trees."""
