"""Every change of dictionaries, codings and decisions."""
