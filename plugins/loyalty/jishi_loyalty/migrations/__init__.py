"""How the tables of loyalty came to be."""
