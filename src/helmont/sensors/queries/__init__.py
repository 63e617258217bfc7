"""Reading devices and samples, limited to what the person may see."""
