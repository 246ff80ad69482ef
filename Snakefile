# Boxes in; pixel masks and a trained segmenter out. One chapter per file.

import gc
import sys

from snakemake.utils import min_version

min_version("9.0")
gc.freeze()  # what is imported stays to the end: to look for garbage in it is a seventh of a short plan

# `--configfile other.yaml` replaces the demo instead of being laid over it.
if not workflow.configfiles:

    configfile: f"{workflow.basedir}/config/config.yaml"

    if workflow.is_main_process:
        print("Without --configfile, this is the demo.", file=sys.stderr)


include: "workflow/rules/common.smk"
include: "workflow/rules/keeping.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/segmenter.smk"
include: "workflow/rules/generator.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/quality.smk"
include: "workflow/rules/looking.smk"


if SHARDING.shared:

    include: "workflow/rules/shards_common.smk"
    include: "workflow/rules/shards.smk"


include: "workflow/rules/cluster.smk"


report: "workflow/report/workflow.rst"


onerror:
    print("", *last_words(log), sep="\n", file=sys.stderr)


rule all:
    default_target: True
    input:
        TARGETS.everything(),
        paths.CRATE,


rule tables:
    input:
        ask(TARGETS.tables),
