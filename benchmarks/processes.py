"""Whole processes, with their time and peak memory."""

import json
import os
import subprocess
import sys
import time


def run(line, environment=None, codes=(0,)):
    """
    Seconds and peak bytes of one whole process, its children included; its output goes nowhere. It is started by a small Python of its own,
    since the system counts the memory of whoever starts a process as the process's first. Codes are those that count as done.
    """
    words = [str(word) for word in line]
    starter = subprocess.run([sys.executable, "-I", "-S", __file__, *words], env=environment, check=True, capture_output=True, text=True)
    code, seconds, peak = json.loads(starter.stdout)
    if code not in codes:
        raise SystemExit(f"exit code {code}, expected one of {codes}: {' '.join(words)}")
    return seconds, peak


def start(words):
    began = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    print(json.dumps([os.waitstatus_to_exitcode(status), time.perf_counter() - began, usage.ru_maxrss * 1024]))


def cpu():
    for line in open("/proc/cpuinfo"):
        if line.startswith("flags"):
            return sorted(set(line.split()) & {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8"})
    return []


if __name__ == "__main__":
    start(sys.argv[1:])
