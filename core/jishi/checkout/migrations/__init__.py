"""How the tables of carts came to be."""
