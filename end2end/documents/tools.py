"""Running other programs, several at a time, and telling what they found."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

# A program that takes longer than this on one document hangs.
SECONDS_MAX = 120


def run(*command, text=None, seconds_max=SECONDS_MAX):
    """The exit status and what was written: output, then errors. A program that takes too long has failed."""
    try:
        result = subprocess.run(
            [str(part) for part in command],
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds_max,
        )
    except subprocess.TimeoutExpired:
        return 1, "", f"{command[0]} took longer than {seconds_max} seconds"
    return result.returncode, result.stdout, result.stderr


@dataclass(frozen=True)
class Finding:
    """What a check says of a file: nothing when it is as it should be."""

    check: str
    file: str
    problem: str | None = None


@dataclass
class Report:
    """Findings counted by check, those with a problem printed as they come."""

    passed: Counter = field(default_factory=Counter)
    failed: Counter = field(default_factory=Counter)

    def add(self, findings):
        for finding in findings:
            if finding.problem is None:
                self.passed[finding.check] += 1
            else:
                self.failed[finding.check] += 1
                print(f"FAILED {finding.check}: {finding.file}: {finding.problem}", flush=True)

    def summary(self):
        """Prints a line for each check; says whether all is well and something was checked."""
        for check in sorted({*self.passed, *self.failed}):
            passed, failed = self.passed[check], self.failed[check]
            print(f"{check:<32} {passed:>6} of {passed + failed}")
        return self.passed.total() > 0 and not self.failed


def in_parallel(workers, work, items):
    """Findings of `work` on each item. The programs do the work: threads are enough to wait for them."""
    with ThreadPoolExecutor(workers) as pool:
        # A generator works where it is read: gathering its findings makes it work in its thread.
        for findings in pool.map(lambda item: list(work(item)), items):
            yield from findings


def stop(message):
    """Ends with a message for whoever called the program wrongly."""
    sys.exit(f"{Path(sys.argv[0]).name}: {message}")
