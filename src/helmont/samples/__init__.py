"""Where samples are kept: an append-only log of segments, what a stream holds by one rule, Parquet, work over its partitions.

Pure Python on ``helmont.signals``: no Django. Who may see what, and what is acknowledged, is decided by the floors above.
"""
