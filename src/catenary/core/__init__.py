"""What everything stands on: types, graphs, declarations, errors."""
