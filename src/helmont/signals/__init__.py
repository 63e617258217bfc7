"""From the samples of a device to digital endpoints: files, epochs, movement, heart and glucose.

Pure Python on NumPy: no Django, no other floor. Times are nanoseconds since 1970-01-01T00:00:00Z throughout.
"""
