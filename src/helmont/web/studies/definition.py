def definition(*a): pass
def form(*a): pass
