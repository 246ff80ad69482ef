"""Costs of a run, from records of two rules that one can add up."""

import json
import math

import pytest

from lpg.cli import main
from lpg.errors import InputError
from lpg.jobs.costs import Cost, costs_by_rule, total

SHORT = "s\th:m:s\tmax_rss\tmean_load"  # as Snakemake writes them by default; ours have more columns
LONG = f"{SHORT}\tthreads\tresources"


@pytest.fixture
def benchmarks(tmp_path):
    for name, header, row in (
        ("train_generator/a.stage1", LONG, "7200.0\t2:00:00\t4000.00\t90\t8\t{'tmpdir': '/tmp', 'gpu': 2}"),
        ("train_generator/a.stage2", LONG, "3600.0\t1:00:00\t5000.00\t90\t4\t{'gpu': 1, '_cores': 4}"),
        ("segment_images/a.stage1.b", LONG, "1800.0\t0:30:00\t100.00\t50\t1\t{'_cores': 1}"),
        ("segment_images/a.stage2.b", LONG, "0.0\t0:00:00\tNA\tNA\t1\t{'_cores': 1}"),
    ):
        path = tmp_path / f"{name}.tsv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{header}\n{row}\n")
    return tmp_path


def test_costs_are_summed_by_rule_the_longest_first(benchmarks):
    """Snakemake's `max_rss` is of 2^20 bytes, and a peak here of 10^9."""
    assert costs_by_rule(benchmarks) == [
        Cost("train_generator", 2, hours=3, longest=2, core_hours=2 * 8 + 4, gpu_hours=2 * 2 + 1, peak_memory=5.24288),
        Cost("segment_images", 2, hours=0.5, longest=0.5, core_hours=0.5, gpu_hours=0, peak_memory=0.1048576),
    ]


def test_the_total_is_of_all_rules(benchmarks):
    everything = total(costs_by_rule(benchmarks))
    assert everything == Cost("all", 4, hours=3.5, longest=2, core_hours=20.5, gpu_hours=5, peak_memory=5.24288)


def test_what_is_not_recorded_is_not_taken_for_nothing(benchmarks):
    (benchmarks / "segment_images/a.stage1.b.tsv").write_text(f"{SHORT}\n1800.0\t0:30:00\t100.00\t50\n")
    cost = costs_by_rule(benchmarks)[1]
    assert cost.hours == 0.5 and math.isnan(cost.gpu_hours) and math.isnan(cost.core_hours)


def test_for_programs_what_is_not_recorded_is_null(benchmarks, capsys):
    (benchmarks / "segment_images/a.stage1.b.tsv").write_text(f"{SHORT}\n1800.0\t0:30:00\t100.00\t50\n")
    assert main(["costs", str(benchmarks), "--json"]) == 0
    (row,) = [one for one in json.loads(capsys.readouterr().out) if one["rule"] == "segment_images"]
    assert (row["hours"], row["gpu_hours"], row["core_hours"]) == (0.5, None, None)


def test_the_command_prints_a_table(benchmarks, capsys):
    assert main(["costs", str(benchmarks)]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[1] == ["train_generator", "2", "3.00", "2.00", "20.00", "5.00", "5.24"]
    assert rows[-1] == ["all", "4", "3.50", "2.00", "20.50", "5.00", "5.24"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "s\tmax_rss\n3.0\n",
        "a\tb\n1\t2\n",
        "s\tmax_rss\nmany\t3\n",
        "s\tmax_rss\n-5\t3\n",
        "s\tmax_rss\ninf\t3\n",
        "s\tmax_rss\nnan\t3\n",
        b"\xff\xfe",
    ],
)
def test_what_is_no_record_is_named(tmp_path, content):
    path = tmp_path / "rule" / "job.tsv"
    path.parent.mkdir()
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match="no record of a job; give the folder results/benchmarks of a run"):
        costs_by_rule(tmp_path)


def test_a_folder_without_records_is_refused(tmp_path):
    with pytest.raises(InputError, match="has no record of a job; give the folder results/benchmarks of a run"):
        costs_by_rule(tmp_path / "nowhere")
