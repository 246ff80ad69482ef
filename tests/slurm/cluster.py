"""A Slurm of one node, this machine, in a folder of its own: configuration, key, socket, ports. It ends with the block.

It has more processors and memory than the machine, for it only counts them, and GPUs that are none. There is no
database, and no control groups, so that neither root nor systemd is needed.
"""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lpg.jobs.processes import die_with_parent

PROGRAMS = "munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol"
PATH = f"{os.environ['PATH']}:/usr/sbin"  # where daemons are, which is not on everybody's
URGENT = "urgent"  # a partition that takes its GPUs from the other one

CONFIGURATION = """\
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=0
MinJobAge=7200
KillWait=5
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} Gres=gpu:2 State=UNKNOWN
PartitionName=normal Nodes={host} Default=YES MaxTime=INFINITE PriorityTier=1
PartitionName={urgent} Nodes={host} MaxTime=INFINITE PriorityTier=10 PreemptMode=OFF
"""


def missing() -> list[str]:
    """The programs of Slurm that are not installed."""
    return [name for name in PROGRAMS if not shutil.which(name, path=PATH)]


@contextmanager
def one_node(folder: Path, cpus: int = 16, memory: int = 128_000) -> Iterator[dict[str, str]]:
    """The environment in which Slurm's commands talk to it.

    Arguments:
        folder: an empty one with a short path, for there is a socket in it.
        memory: of the node in MB.
    """
    for name in ("munge", "state", "spool", "bin"):
        (folder / name).mkdir()
    environment = _configured(folder, cpus, memory)
    daemons = [
        ["munged", "--foreground", "--force", *(f"--{name}={folder}/munge/{name.split('-')[0]}" for name in MUNGE)],
        ["slurmctld", "-D", "-f", f"{folder}/slurm.conf"],
        ["slurmd", "-D", "-f", f"{folder}/slurm.conf"],
    ]
    with ExitStack() as stack:
        for command in daemons:
            stack.enter_context(_running(command, folder / f"{command[0]}.out", environment))
            if command[0] == "munged":
                _wait_for((folder / "munge/socket").exists, "munged")
        _wait_for(lambda: ask(environment, "sinfo", "--noheader", "--format=%T").split()[:1] == ["idle"], "the node")
        yield environment
        subprocess.run(["scancel", f"--user={getpass.getuser()}"], env=environment, check=False)


MUNGE = "key-file", "socket", "pid-file", "seed-file", "log-file"


def _configured(folder: Path, cpus: int, memory: int) -> dict[str, str]:
    host, user = socket.gethostname().partition(".")[0], getpass.getuser()
    (folder / "munge/key").write_bytes(os.urandom(1024))
    (folder / "munge/key").chmod(0o400)
    texts = {"folder": folder, "host": host, "user": user, "cpus": cpus, "memory": memory, "urgent": URGENT}
    (folder / "slurm.conf").write_text(CONFIGURATION.format(ports=_free_ports(2), **texts))
    (folder / "gres.conf").write_text("Name=gpu File=/dev/zero,/dev/null\n")
    # The plugin's jobs forget SLURM_CONF before they call srun; where /etc/slurm is in use, that does no harm.
    (folder / "bin/srun").write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun")} "$@"\n')
    (folder / "bin/srun").chmod(0o755)
    return os.environ | {"SLURM_CONF": f"{folder}/slurm.conf", "PATH": f"{folder}/bin:{PATH}"}


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def _running(command: list[str], output: Path, environment: dict[str, str]) -> Iterator[None]:
    with output.open("w") as file:
        daemon = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, env=environment, preexec_fn=die_with_parent
        )
    try:
        yield
    finally:
        daemon.terminate()
        try:
            daemon.wait(20)
        except subprocess.TimeoutExpired:
            daemon.kill()


def _wait_for(there, what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} is not there after {seconds:.0f} s")
        time.sleep(0.3)


def ask(environment: dict[str, str], *command: str) -> str:
    """What a command of Slurm prints; nothing if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return done.stdout if done.returncode == 0 else ""


def jobs(environment: dict[str, str]) -> list[dict[str, str]]:
    """All jobs so far, as `scontrol` describes them."""
    lines = ask(environment, "scontrol", "--oneliner", "show", "job").splitlines()
    return [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in lines if "JobId=" in line]
