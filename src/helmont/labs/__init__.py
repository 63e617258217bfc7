"""The laboratory: reference ranges, flags and grades of results, alerts, and result files.

A result lives in its form like any other answer and is written by the same action. Flags, grades and alerts are derived from
results and ranges (``projections.py``): they can be dropped and computed again, and a corrected range changes them.
"""
