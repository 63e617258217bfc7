"""Projects: studies that are designed by a REDCap client rather than as a study package."""
