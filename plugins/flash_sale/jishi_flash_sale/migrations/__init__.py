"""The tables of flash sales, step by step."""
