"""HL7 version 2 observation reports (ORU^R01), sections 2.5 to 2.7 (encoding) and 7.3 (unsolicited observations) of v2.5.1.

bytes -> messages.read_messages -> segments with their places -> oru.read_oru -> results without identities
"""
