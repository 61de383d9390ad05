"""The tests; folders mirror src/catenary, files at the top guard the house as a whole."""
