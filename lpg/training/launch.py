"""Where a training runs: here, or in one process for each GPU that the job has, which are watched from here.

Those are spawned, so a script that trains on several GPUs needs the usual `if __name__ == "__main__":`. Under torchrun
the processes are there already, and this is one of them.
"""

import logging
import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import torch
from torch import distributed

from lpg.errors import InputError
from lpg.files.atomic import claimed
from lpg.jobs.job import Job
from lpg.jobs.machine import keep_float32_whole, keep_freed_memory
from lpg.training.kept import take_back
from lpg.training.ranks import Ranks
from lpg.training.watch import PartsTooLarge, run_processes

log = logging.getLogger(__name__)

HERE = "127.0.0.1"
TOO_SMALL = "a GPU's memory is too small for its samples of a batch"


def launch(train: Callable[..., None], *arguments, batch: int, job: Job) -> None:
    """Run `train(*arguments, job)` in every process that has a part of each batch, unless the network is taken back.

    The first of them writes the log and the files.

    Arguments:
        train: a function that can be imported by its name.
        batch: samples of a batch; there are no more processes than that.

    Raises:
        InputError: as one of the processes raised it, or one was killed; or another job trains the same network.
    """
    keep_float32_whole()
    if distributed.is_torchelastic_launched():
        return _join_torchrun(train, arguments, batch, job)
    if take_back(job):
        return None
    ranks = min(job.machine.ranks, batch)
    if ranks < job.machine.ranks:
        log.warning("a batch of %d is of use to %d GPUs at most: the others are idle", batch, batch)
    job = _on(job, ranks=ranks)
    with claimed(job.path):
        return train(*arguments, job) if ranks == 1 else _spawn(train, arguments, batch, job)


def _on(job: Job, **facts) -> Job:
    return replace(job, machine=replace(job.machine, **facts))


def _spawn(train: Callable[..., None], arguments: tuple, batch: int, job: Job) -> None:
    """Train in spawned processes; where one lacks memory, all go on from the state, and take their samples in parts."""
    ranks, threads = job.machine.ranks, max(1, torch.get_num_threads() // job.machine.ranks)
    while True:
        log.info("each batch is shared by %d processes", ranks)
        store = distributed.TCPStore(HERE, 0, is_master=True, wait_for_workers=False)
        try:
            return run_processes(_spawned, (train, arguments, job, store.port, threads), ranks)
        except PartsTooLarge:
            parts = min(2 * job.machine.parts, batch // ranks)
        if parts == job.machine.parts:
            raise InputError(TOO_SMALL, "lower batch or crop, or see that nothing else fills it")
        job = _on(job, parts=parts)
        log.info("%s: it is taken in %d parts", TOO_SMALL, job.machine.parts)


def _spawned(rank: int, train: Callable[..., None], arguments: tuple, job: Job, port: int, threads: int) -> None:
    torch.set_num_threads(threads)
    keep_float32_whole()
    if job.machine.device == "cpu":
        keep_freed_memory()
    store = distributed.TCPStore(HERE, port, is_master=False)
    _join(job, rank, store=store, rank=rank, world_size=job.machine.ranks)
    try:
        train(*arguments, _on(job, rank=rank))
    except torch.OutOfMemoryError as error:
        raise PartsTooLarge from error
    distributed.destroy_process_group()


def _join_torchrun(train: Callable[..., None], arguments: tuple, batch: int, job: Job) -> None:
    """Train as a process of torchrun's; if one ends badly, it is torchrun's to end the others."""
    rank, ranks = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    if ranks > batch:
        raise InputError(f"{ranks} processes cannot share a batch of {batch}", "start fewer, or raise batch")
    if rank:
        logging.getLogger(__package__.partition(".")[0]).setLevel(logging.CRITICAL)
    if not distributed.is_initialized():
        _join(job, int(os.environ["LOCAL_RANK"]))
    taken = torch.tensor(int(rank == 0 and take_back(job)), device=job.machine.device)
    if Ranks(rank, ranks).total(taken):
        return
    try:
        with nullcontext() if rank else claimed(job.path):
            train(*arguments, _on(job, rank=rank, ranks=ranks))
    except torch.OutOfMemoryError:
        raise InputError(TOO_SMALL, "start more processes, or lower batch or crop") from None


def _join(job: Job, gpu: int, **where) -> None:
    if job.machine.device == "cuda":
        torch.cuda.set_device(gpu)
    distributed.init_process_group("nccl" if job.machine.device == "cuda" else "gloo", **where)
