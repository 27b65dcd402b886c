"""What a process that runs strangers' queries must not do: reach the network, start programs, take all memory or time.

The engine can't be told to leave SERVICE out, so the kernel refuses sockets (seccomp). Taking away all file descriptors
instead would also take away those that a large store opens later: a query then fails without end, and fills memory.
"""

import contextlib
import ctypes
import os
import platform
import resource
import struct

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_REFUSED: dict[str, tuple[int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, (41, 42, 59, 322, 425)),
    "aarch64": (0xC00000B7, (198, 203, 221, 281, 425)),
}
"""By machine: its audit number, and the numbers of socket, connect, execve, execveat, io_uring_setup."""
_X32_CALLS = 0x40000000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _EACCES = 0x7FFF0000, 0x00050000 | 13
_NUMBER, _MACHINE = 0, 4
"""Offsets in the kernel's description of a call."""
_MOST_FILES = 65_536


class _Program(ctypes.Structure):
    """Specified by: Linux, struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def confine() -> bool:
    """Confines this process for good, before it starts threads; whether the kernel refuses it the network.

    It does on Linux on x86_64 and aarch64.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    with contextlib.suppress(OSError):
        os.nice(10)
    return _refuse_calls()


def _refuse_calls() -> bool:
    if platform.system() != "Linux" or platform.machine() not in _REFUSED:
        return False
    machine, calls = _REFUSED[platform.machine()]
    count = len(calls)
    # jumps count the instructions between; the last one refuses, the one before allows
    filters = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 0, count + 3, machine),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, count + 1, 0, _X32_CALLS),
        *((_EQUAL, count - position, 0, call) for position, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _EACCES),
    ]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in filters)
    instructions = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(filters), ctypes.addressof(instructions))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(library.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def address_space() -> int:
    """Bytes of address space of this process; 0 where the system does not tell."""
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[0]) * resource.getpagesize()
    return 0


def limit_memory(more: int | None) -> None:
    """Lets this process take so many bytes more than now; None: as many as there are. The process is aborted beyond."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    now = address_space()
    wanted = resource.RLIM_INFINITY if more is None or now == 0 else now + more
    if hard != resource.RLIM_INFINITY and (wanted == resource.RLIM_INFINITY or wanted > hard):
        wanted = hard
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def limit_processor(seconds: float) -> None:
    """Lets this process compute for so long from now on: ends it even if nobody is left to kill it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    wanted = int(usage.ru_utime + usage.ru_stime + seconds) + 1
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (wanted, hard))
