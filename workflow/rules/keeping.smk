# A finished output stays until its successor is whole; a job that fails leaves everything as if it had not been tried.
#
# Snakemake removes outputs before their job starts, and again after it has failed, for it cannot know whether they are
# whole. Ours are written beside their name and renamed, so what has its name is whole, the old one or the new one.
# `update(…)` of Snakemake is no way: after a failure it brings the old file back and takes it for fresh (docs/faults.md).

import shutil

from snakemake import jobs, persistence

# Snakemake needs some room itself, and would say so in 60 lines.
if shutil.disk_usage(Path.cwd()).free < 1 << 16:
    sys.exit(
        f"The disk of {Path.cwd()} is full; make room and give the same command again, what is finished stays."
    )


def keep_outputs(job, records):
    """Leave outputs alone before a job and after its failure, and remember of each whether it is to be made again."""
    postprocess, finished = job.postprocess, records.finished

    async def remove_logs_alone(self):
        for log in self.log:
            await log.remove()

    async def know_of_failure(self, *arguments, error=False, **options):
        self.failed = error
        await postprocess(self, *arguments, error=error, **options)

    async def record_success_alone(self, job):
        """After a failure what has not changed keeps its record, by which the next plan judges it as this one did."""
        if not getattr(job, "failed", False):
            return await finished(self, job)
        for path in job.output:
            key = self._get_key(path)
            record = self._read_record(key)
            made = (
                record
                and await path.exists()
                and (await path.mtime_uncached()).local_or_storage()
            )
            if made and made == record.endtime:
                self._unmark_incomplete(key)
            else:
                self._mark_incomplete(key, None)

    async def remove_nothing(self, skip_outputs):
        pass

    job.remove_existing_output, job.cleanup = remove_logs_alone, remove_nothing
    job.postprocess, records.finished = know_of_failure, record_success_alone


KNOWN = (  # what is replaced above: where Snakemake has something else, it removes outputs as it always does
    (jobs.Job, ("remove_existing_output", "cleanup", "postprocess")),
    (
        getattr(persistence, "PersistenceBase", None),
        (
            "finished",
            "_get_key",
            "_read_record",
            "_mark_incomplete",
            "_unmark_incomplete",
        ),
    ),
)

if all(hasattr(owner, name) for owner, names in KNOWN for name in names):
    keep_outputs(jobs.Job, persistence.PersistenceBase)
else:
    print(
        "This Snakemake is not known: it removes an output before it makes it again.",
        file=sys.stderr,
    )
