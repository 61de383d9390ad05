"""Jacobians in the cheapest order: the chain rule's products, bracketed by their cost."""
