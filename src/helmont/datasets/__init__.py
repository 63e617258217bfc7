"""Live data sets: SDTM and ADaM of every participant, following the ledger, as of any of its entries."""
