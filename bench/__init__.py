"""Measures a shop against the limits of the machine it runs on; not part of any distribution."""
