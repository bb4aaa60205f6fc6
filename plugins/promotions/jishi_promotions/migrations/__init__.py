"""The tables of promotions, version by version."""
