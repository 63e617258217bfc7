"""From a verbatim to a term: plain Python over plain values, without a database."""
