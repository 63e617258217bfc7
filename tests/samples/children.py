"""What processes of their own do: append until they are killed, run into a limit, or fill the log faster than the disk."""

from __future__ import annotations

import os
import random
import resource
import threading
import time
from concurrent.futures import Future
from multiprocessing.connection import Connection
from pathlib import Path
from unittest import mock

from helmont.samples.errors import Busy, Full, Locked
from helmont.samples.log import Limits, SegmentLog
from helmont.samples.records import Location, Record
from tests.samples import peak, record

record(0)  # has the kernels compiled before processes are forked
SMALL = Limits(segment=20_000, reserve=0)


def append_until_killed(folder: Path, beginning: int, told: Connection) -> None:
    """Two threads append batches, one or several at a time, and tell which were acknowledged, and where they are."""
    log = SegmentLog(folder, SMALL)
    telling = threading.Lock()

    def work(first: int) -> None:
        chance, number = random.Random(first), first
        while True:
            batch = [record(each) for each in range(number, number + chance.randint(1, 4))]
            located = log.append(batch).result()
            with telling:
                told.send([(each.batch, tuple(place)) for each, place in zip(batch, located, strict=True)])
            number += len(batch)

    threading.Thread(target=work, args=(beginning + 500_000,), daemon=True).start()
    work(beginning)


def append_into_a_limit(folder: Path, told: Connection) -> None:
    """No file may be larger than the limit: some batches are refused, and taken once it is lifted."""
    log = SegmentLog(folder, Limits(reserve=0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
    taken: dict[int, Location] = {}
    number, refused = 0, ""
    while not refused:
        try:
            taken[number] = log.append([record(number)]).result()[0]
        except Full as error:
            refused = str(error)
        number += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    taken[number] = log.append([record(number)]).result()[0]
    told.send((refused, number - 1, {batch: tuple(place) for batch, place in taken.items()}))


def open_the_log(folder: Path, told: Connection) -> None:
    """Say what comes of opening it."""
    try:
        SegmentLog(folder).close()
    except Locked as error:
        told.send(error.process)
    else:
        told.send("opened")


def fill_faster_than_the_disk(folder: Path, told: Connection) -> None:
    """Send 96 MB at once and say by how many bytes the process grew, and how often it was told to wait."""
    flush = os.fdatasync

    def slowly(descriptor: int) -> None:  # some disks are faster than what is made up here
        time.sleep(0.05)
        flush(descriptor)

    mock.patch.object(os, "fdatasync", slowly).start()
    log = SegmentLog(folder, Limits(segment=1 << 24, waiting=1 << 22, reserve=0))
    log.append([record(1)]).result()
    before = peak()
    refused, asked = 0, list[Future[list[Location]]]()
    for number in range(384):
        batch = Record(1, number, number, number, 1, os.urandom(1 << 18))
        while True:
            try:
                asked.append(log.append([batch]))
            except Busy as busy:
                refused += 1
                time.sleep(min(busy.retry_after, 0.01))
            else:
                break
    places = {each.result()[0] for each in asked}
    told.send((peak() - before, refused, len(places)))
