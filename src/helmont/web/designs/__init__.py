"""The workbench of trial designs: what a design decides and what it does on average, beside others."""
