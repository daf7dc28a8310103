"""A seccomp filter written by hand: system calls that reading a file never needs answer EPERM.

Networks, other processes, new programs, new rights, marks of files, the kernel's own doors. It names what is
refused and not what is allowed: the libraries that read files are large, and a list of all that they
may ask for would break with each release; what they may do to files is Landlock's part.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterator

# System calls by name: their numbers on x86-64 and on 64-bit ARM; None where there is none.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # networks, and handing open files on
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206),
    "sendmsg": (46, 211), "sendmmsg": (307, 269), "recvmsg": (47, 212), "recvmmsg": (299, 243),
    # other processes and new programs
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "setrlimit": (160, 164), "mq_open": (240, 180),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    # other rights and other views of the machine
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159),
    "setfsuid": (122, 151), "setfsgid": (123, 152), "capset": (126, 91), "personality": (135, 92),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "open_tree_attr": (467, 467), "mknod": (133, None), "mknodat": (259, 33),
    "truncate": (76, 45),  # by path; older kernels' Landlock lets it pass
    # the rights, owners, times and marks of files, which Landlock does not look at
    "chmod": (90, None), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15),
    "removexattrat": (466, 466), "file_setattr": (469, 469),
    "fchmod": (91, 52), "fchown": (93, 55), "fsetxattr": (190, 7), "fremovexattr": (199, 16),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # the kernel's own doors
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60), "syslog": (103, 116),
}  # fmt: skip
_CLONE, _CLONE3, _PRLIMIT = (56, 220), (435, 435), (302, 261)
_KILL, _TGKILL = (62, 129), (234, 131)
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32_BIT = 0x40000000
_CLONE_THREAD = 0x10000

_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_GREATER, _JUMP_IF_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL_PROCESS, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_AT_NUMBER, _AT_ARCHITECTURE, _AT_ARGUMENTS = 0, 4, 16

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_GET_ACTION_AVAILABLE = 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def is_available() -> bool:
    """Whether the kernel takes filters, on an architecture whose numbers are known here."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _ARCHITECTURES:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    action = ctypes.c_uint32(_KILL_PROCESS)
    answer = libc.syscall(_SECCOMP[machine], _GET_ACTION_AVAILABLE, 0, ctypes.byref(action))
    return bool(answer == 0)


def restrict() -> None:
    """Refuse the calls above to this process from now on. Raises OSError where that cannot be had."""
    if not is_available():
        raise OSError("This kernel, or this architecture, has no seccomp filters known here.")
    code = b"".join(_filter(platform.machine(), os.getpid()))
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in (
        (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0),
    ):
        if libc.prctl(*arguments):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


def _filter(machine: str, own: int) -> Iterator[bytes]:
    """The program. Each test that does not apply jumps over its answer to the next."""
    which, architecture = _ARCHITECTURES[machine]
    yield _step(_LOAD, _AT_ARCHITECTURE)
    yield _step(_JUMP_IF_EQUAL, architecture, 1, 0)
    yield _step(_RETURN, _KILL_PROCESS)
    yield _step(_LOAD, _AT_NUMBER)
    yield _step(_JUMP_IF_GREATER, _X32_BIT, 0, 1)
    yield _step(_RETURN, _ERRNO | errno.EPERM)
    for numbers in _REFUSED.values():
        number = numbers[which]
        if number is not None:
            yield _step(_JUMP_IF_EQUAL, number, 0, 1)
            yield _step(_RETURN, _ERRNO | errno.EPERM)
    # The C library then falls back to clone, whose flags can be looked at.
    yield _step(_JUMP_IF_EQUAL, _CLONE3[which], 0, 1)
    yield _step(_RETURN, _ERRNO | errno.ENOSYS)
    yield _step(_JUMP_IF_EQUAL, _CLONE[which], 0, 4)
    yield _step(_LOAD, _AT_ARGUMENTS)
    yield _step(_JUMP_IF_SET, _CLONE_THREAD, 1, 0)
    yield _step(_RETURN, _ERRNO | errno.EPERM)
    yield _step(_RETURN, _ALLOW)
    for numbers in (_KILL, _TGKILL):  # to itself alone
        yield _step(_JUMP_IF_EQUAL, numbers[which], 0, 4)
        yield _step(_LOAD, _AT_ARGUMENTS)
        yield _step(_JUMP_IF_EQUAL, own, 1, 0)
        yield _step(_RETURN, _ERRNO | errno.EPERM)
        yield _step(_RETURN, _ALLOW)
    yield _step(_JUMP_IF_EQUAL, _PRLIMIT[which], 0, 6)  # limits may be read, not set
    for half in (0, 4):
        yield _step(_LOAD, _AT_ARGUMENTS + 2 * 8 + half)
        yield _step(_JUMP_IF_EQUAL, 0, 1, 0)
        yield _step(_RETURN, _ERRNO | errno.EPERM)
    yield _step(_RETURN, _ALLOW)


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)
