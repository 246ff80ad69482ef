"""The long suite says how many cases it has tried."""

from hostile.cases import COUNTS, LONG


def pytest_terminal_summary(terminalreporter, config) -> None:
    if not LONG:
        return
    for test in sorted({test for test, _ in COUNTS}):
        read, refused = COUNTS[test, "read"], COUNTS[test, "refused"]
        terminalreporter.write_line(f"{read + refused:>7} cases: {read:>6} read, {refused:>6} refused  {test}")
    seed = config.getoption("hypothesis_seed", None)
    terminalreporter.write_line(f"{sum(COUNTS.values()):>7} cases of hostile input in all; --hypothesis-seed={seed}")
