"""How the tables about plugins came to be."""
