"""Outside formats, one module or package for each, knowing nothing of Django and nothing of each other.

A module that reads a study definition answers with :class:`helmont.standards.importing.Imported`: the study, and every
place of the file that was refused, changed or left behind.
"""
