"""The last words of failed jobs."""

from lpg.jobs.failures import KILL, last_words


def test_last_words_are_those_of_the_failed_jobs_alone(tmp_path):
    first, second, fine = (tmp_path / f"{name}.log" for name in ("first", "second", "fine"))
    first.write_text("05:00:00  a  on the CPU\n05:00:01  a  p.jpg does not exist; put it there\n\n")
    second.write_text("")
    fine.write_text("05:00:00  b  done in 1 s\n")
    run = tmp_path / "snakemake.log"
    run.write_text(
        f"rule b:\n    log: {fine}\n"
        f"Error in rule a:\n    log: {first} (check log file(s) for error details)\n"
        f"Error in rule a:\n    log: {first} (check log file(s) for error details)\n"
        f"Error in rule c:\n    log: {second} (check log file(s) for error details)\n"
        f"Error in rule d:\n    log: {tmp_path / 'none.log'} (check log file(s) for error details)\n"
    )
    assert last_words([run]) == ["05:00:01  a  p.jpg does not exist; put it there"]


def test_of_a_job_that_was_killed_it_is_said(tmp_path):
    first, second = (tmp_path / f"{name}.log" for name in ("first", "second"))
    first.write_text("05:00:00  a  iteration 7 of 20\n")
    second.write_text("05:00:01  b  p.jpg does not exist; put it there\n")
    run = tmp_path / "snakemake.log"
    run.write_text(
        "Command 'python script.py' died with <Signals.SIGKILL: 9>.\n"
        f"Error in rule a:\n    log: {first} (check log file(s) for error details)\n"
        "Command 'python script.py' returned non-zero exit status 1.\n"
        f"Error in rule b:\n    log: {second} (check log file(s) for error details)\n"
    )
    assert last_words([run]) == [
        f"05:00:00  a  iteration 7 of 20: {KILL}",
        "05:00:01  b  p.jpg does not exist; put it there",
    ]


def test_on_a_cluster_the_jobs_own_log_comes_before_the_clusters(tmp_path):
    own, empty, cluster, before = (tmp_path / f"{name}.log" for name in ("own", "empty", "cluster", "before"))
    before.write_text("04:00:00  c  done in 7 s\n")
    own.write_text("05:00:01  a  p.jpg does not exist; put it there\n")
    empty.write_text("")
    cluster.write_text("many lines of Snakemake\nslurmstepd: error: *** JOB 7 CANCELLED ***\n")
    run = tmp_path / "snakemake.log"
    run.write_text(
        f"Error in rule a:\n    log: {own}, {cluster} (check log file(s) for error details)\n"
        f"Error in rule b:\n    log: {empty}, {cluster} (check log file(s) for error details)\n"
        f"Error in rule b:\n    log: {tmp_path / 'none.log'}, {cluster} (check log file(s) for error details)\n"
        f"Error in rule c:\n    log: {before}, {own} (check log file(s) for error details)\n"
    )
    assert last_words([run]) == [
        "05:00:01  a  p.jpg does not exist; put it there",
        "slurmstepd: error: *** JOB 7 CANCELLED ***",
    ]
