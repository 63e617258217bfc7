"""Devices that participants wear or use: who wears which, the samples they send, and what is computed of them."""
