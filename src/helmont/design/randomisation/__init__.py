"""Randomisation: lists that are generated, sealed and audited, minimisation, and allocation that follows the responses.

Everything comes from uniform numbers of PCG64 alone, whose stream numpy keeps for ever (NEP 19), so that a seed gives the same
list in ten years. Arms count from 1.
"""
