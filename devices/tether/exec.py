"""Becomes another program, after asking Linux to kill it when its parent dies: exec.py PARENT PROGRAM ARGUMENT...

It is a separate program, because Python code between fork and exec may hang in a process with threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h

if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):  # it died before
        sys.exit(1)
    os.execvp(sys.argv[2], sys.argv[2:])
