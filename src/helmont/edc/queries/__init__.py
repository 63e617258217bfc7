"""Every read of forms and queries, limited to what the person may see."""
