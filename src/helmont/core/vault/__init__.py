"""Who the participants are: names, contact and national identifiers, apart from everything else and encrypted."""
