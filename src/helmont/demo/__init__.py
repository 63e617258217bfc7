"""The demonstration trial."""
