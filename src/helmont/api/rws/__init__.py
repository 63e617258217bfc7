"""The rwslib-compatible API: what rwslib asks for, over the same actions and queries as everything else."""
