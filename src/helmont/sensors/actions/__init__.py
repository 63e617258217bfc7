"""Every change of devices, their wearers, batches and corrections."""
