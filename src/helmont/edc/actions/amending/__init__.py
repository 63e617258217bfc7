"""A participant's forms come under another version of the study: what amendments do to them, in one transaction.

``forms`` leads the values, ``remarks`` what was said about them, ``rules`` runs what the version has to say;
``outcome`` is what comes of it.
"""
