"""Ways in for samples besides HTTP."""
