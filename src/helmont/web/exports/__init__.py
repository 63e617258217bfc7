"""Data out: a person asks for a file, it is made beside the pages, and they fetch it."""
