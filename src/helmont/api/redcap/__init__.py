"""The REDCap-compatible API: what PyCap calls, over the same actions and queries as everything else."""
