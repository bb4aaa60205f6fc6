"""Jishi: a small headless commerce core that grows by plugins."""

__version__ = "0.1.0"

__all__ = ["__version__"]
