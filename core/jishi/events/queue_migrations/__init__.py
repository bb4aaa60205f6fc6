"""The tables of pgqueuer, for builds that chose it."""
