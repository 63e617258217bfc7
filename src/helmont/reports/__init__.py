"""Tables, figures and their numbers from the analysis datasets, as the study package declares them.

The engine (:mod:`helmont.reports.engine`) evaluates analyses to results, one row a statistic; a display
(:mod:`helmont.reports.display`) sets them in a table; text, HTML, RTF, PDF and JSON are written from that.
"""
