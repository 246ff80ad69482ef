"""What a user can mend."""

import re

UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
)  # controls, breaks of lines, halves of a letter
LONGEST = 1000  # characters of a fault, and of a remedy


class InputError(ValueError):
    """Bad input, in one sentence: what is wrong and where, then how to mend it.

    In the sentence, what an input brings along is written out or cut: line breaks of a name, a list of a thousand.

    Attributes:
        fault: what is wrong, and where.
        remedy: how to mend it, in words that hold wherever the library is used.
        permission: the key of a permission with which the caller could go on regardless, such as `skip_unreadable`.
            How it is given depends on the caller (a configuration, a command line), who words it.
    """

    def __init__(self, fault: str, remedy: str = "", *, permission: str | None = None) -> None:
        super().__init__(fault, remedy, permission)
        self.fault, self.remedy, self.permission = fault, remedy, permission

    def __str__(self) -> str:
        fault, remedy = one_line(self.fault), one_line(self.remedy)
        return f"{fault}; {remedy}" if remedy else fault

    def __reduce__(self) -> tuple:
        return _remake, (self.fault, self.remedy, self.permission)


def one_line(text: str) -> str:
    """Text that neither ends its line, nor moves a terminal's cursor, nor fills the screen."""
    text = UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]} … {text[-half:]}"


def _remake(fault: str, remedy: str, permission: str | None) -> InputError:
    """Across processes: pickle gives no keyword arguments to an exception."""
    return InputError(fault, remedy, permission=permission)
