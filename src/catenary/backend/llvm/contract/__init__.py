"""Matrix products, generated for their shapes: tiles of registers, packing, threads."""
