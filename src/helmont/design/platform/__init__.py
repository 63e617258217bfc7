"""Bayesian platform trials: arms that enter and leave, one shared control, what becomes of controls of another time."""
