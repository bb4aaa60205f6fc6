"""Limits are decided before anybody reads a body."""
