"""Lines that say how far a work is, where no screen shows a bar."""

import logging

from lpg.commands.screen import screen
from lpg.jobs import log
from lpg.jobs.log import track


class Clock:
    """Ten seconds later at every look."""

    seconds = 0

    def monotonic(self) -> int:
        self.seconds += 10
        return self.seconds


def test_a_line_every_quarter_of_a_minute(monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(log, "time", Clock())
    assert list(track(list("abcde"), "letters")) == list("abcde")
    assert caplog.messages == [
        "2 of 5 letters  0.1/s  0:30 left",
        "4 of 5 letters  0.1/s  0:10 left",
    ]


def test_into_a_pipe_a_command_says_how_far_it_is_over_all_files(monkeypatch, capfd):
    monkeypatch.setattr(log, "time", Clock())
    with screen() as watch:
        for part in ("ab", "cd"):  # of two files of masks
            assert list(watch(part, "photographs", total=8)) == list(part)
    told = [line for line in capfd.readouterr().err.splitlines() if "photographs" in line]
    assert [line.split("  ")[1] for line in told] == ["2 of 8 photographs", "4 of 8 photographs"]
