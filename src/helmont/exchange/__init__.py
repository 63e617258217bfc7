"""Trial data in and out in the formats of others: every way goes through the same actions and sees what the person may see."""
