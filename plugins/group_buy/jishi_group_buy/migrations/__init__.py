"""Changes of group buying's tables, one module each, in the order of their names."""
