"""Dose finding: which dose the next patients get, and which dose is taken for the maximum tolerated one."""
