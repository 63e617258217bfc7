"""Confirmatory designs: group sequential, adaptive and multi-arm trials, and the sizes of their endpoints."""
