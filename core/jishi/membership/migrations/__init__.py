"""How the tables of members came to be."""
