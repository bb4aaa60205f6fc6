"""How the tables of events came to be."""
