"""Movement: from epochs of acceleration, or the samples themselves, to wear, activity, sleep, steps and gait."""
