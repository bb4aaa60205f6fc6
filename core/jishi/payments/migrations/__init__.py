"""How the tables of payments came to be."""
