"""What a user can mend."""


class InputError(ValueError):
    """Bad input, in one sentence: what is wrong and where, then how to mend it.

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
        return f"{self.fault}; {self.remedy}" if self.remedy else self.fault

    def __reduce__(self) -> tuple:
        return _remake, (self.fault, self.remedy, self.permission)


def _remake(fault: str, remedy: str, permission: str | None) -> InputError:
    """Across processes: pickle gives no keyword arguments to an exception."""
    return InputError(fault, remedy, permission=permission)
