# A cluster's nodes are not this machine: a profile says which rules get a GPU, or they would crawl on CPUs.
# Included last, for it looks at all rules. No rules.

SAID = MACHINE.overwrite_resources
UNSAID = [
    each.name
    for each in workflow.rules
    if "gpu" in each.resources and "gpu" not in SAID.get(each.name, ())
]

if MACHINE.nodes and UNSAID:
    sys.exit(
        f"Profile: set-resources does not say gpu (1 or 0) of {', '.join(UNSAID)}; put it into a copy of the profile: "
        "on the command line, --set-resources replaces all that a profile says"
    )
