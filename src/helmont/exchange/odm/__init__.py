"""ODM of a study of this installation: its state, its audit trail, and what an ODM file would change."""
