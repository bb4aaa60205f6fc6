"""The tables of codes, step by step."""
