"""The declared tables and figures of a study, evaluated on its data sets at any moment."""
