"""How samples travel: Arrow streams, Parquet, JSON lines and Avro become batches of counts, with every limit checked first."""
