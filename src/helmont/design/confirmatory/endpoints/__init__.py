"""What a confirmatory trial measures, with its planned alternative: its size in a design, and the power of a size."""
