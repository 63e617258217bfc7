"""Work beside the requests: what is done on a schedule, and long jobs with their progress."""
