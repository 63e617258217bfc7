"""The sponsor's page: how the study stands, redrawn by itself as the sites save."""
