"""Medical coding: dictionaries in versions, a coding for each value that the study asks to be coded, and decisions kept."""
