"""Several arms against one control over several stages."""
