"""Files of other systems: study definitions and trial data, each with a dry run before anything is made of it."""
