"""When scheduled work is next due, and how far long jobs are."""

from django.db import models


class Schedule(models.Model):
    """One piece of scheduled work. ``claimed_until`` keeps other processes off while it runs; times are UTC seconds."""

    name = models.CharField(primary_key=True, max_length=80)
    every = models.IntegerField()
    next_run = models.FloatField(default=0)
    claimed_until = models.FloatField(default=0)

    class Meta:
        db_table = "schedule"

    def __str__(self) -> str:
        return self.name


class Progress(models.Model):
    """How far a job is, for the page that waits for it. ``job`` is the id of the task's result."""

    job = models.CharField(primary_key=True, max_length=40)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    message = models.CharField(max_length=200, blank=True)
    time = models.FloatField(default=0)

    class Meta:
        db_table = "job_progress"

    def __str__(self) -> str:
        return f"{self.job} {self.done}/{self.total}"
