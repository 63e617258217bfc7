"""Writers of device files, from the same published formats as the readers, for tests that know what a file holds."""
