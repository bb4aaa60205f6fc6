"""How the tables of staff came to be."""
