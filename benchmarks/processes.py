"""Whole processes, with their time and peak memory."""

import os
import subprocess
import time


def run(line, environment=None):
    """Seconds and peak bytes of one whole process, its children included; its output goes nowhere."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in line], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"exit code {process.returncode}, expected 0: {' '.join(map(str, line))}")
    return seconds, usage.ru_maxrss * 1024


def cpu():
    for line in open("/proc/cpuinfo"):
        if line.startswith("flags"):
            return sorted(set(line.split()) & {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8"})
    return []
