"""The tables of live streams, step by step."""
