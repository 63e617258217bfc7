"""Simulated devices: they send made-up samples to a running Helmont, over HTTP and MQTT, with the faults of real ones.

``patterns`` makes signals, ``plan`` says what a device sends when, ``bodies`` puts a batch into bytes, ``http`` and ``mqtt``
send it, ``running`` drives them all, ``reporting`` counts; ``furnishing`` and ``verifying`` ask the installation's database.
"""
