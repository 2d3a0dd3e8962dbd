#!/usr/bin/env python3
"""Writes beside each pin of a requirements file the SHA-256 sums of the wheels that set-up may install.

    python3 scripts/pin_python.py scripts/python.txt

Pins and comments stay as they are: whoever changes a version calls this afterwards. pip asks its index for
the sums and installs nothing. There are sums for each Python and each platform below that the package has
wheels for; elsewhere pip refuses to install, and says which sum it lacks.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
LINUX = ["2_17", "2_24", "2_26", "2_27", "2_28", "2_31", "2_34"]
PLATFORMS = [
    [f"manylinux_{glibc}_x86_64" for glibc in LINUX] + ["manylinux2014_x86_64"],
    [f"manylinux_{glibc}_aarch64" for glibc in LINUX] + ["manylinux2014_aarch64"],
    ["macosx_15_0_arm64"],
]


def sums_of(pin):
    """The sums of the wheels that pip would take, without repetition."""
    found = {}
    for platform in PLATFORMS:
        for python in PYTHONS:
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            command += ["--dry-run", "--report", "-", "--ignore-installed", "--no-deps", "--target", "unused"]
            command += ["--only-binary", ":all:", "--python-version", python]
            command += [part for tag in platform for part in ("--platform", tag)]
            answer = subprocess.run([*command, pin], capture_output=True, text=True)
            if answer.returncode == 0:
                (wheel,) = json.loads(answer.stdout)["install"]
                found[wheel["download_info"]["archive_info"]["hashes"]["sha256"]] = None
            elif "No matching distribution" not in answer.stderr:
                sys.exit(f"{pin}: {answer.stderr}")
            if found and wheel["download_info"]["url"].endswith("-none-any.whl"):
                # The same for all.
                return list(found)
    if not found:
        sys.exit(f"{pin} has no wheel")
    return list(found)


def main():
    (file,) = sys.argv[1:]
    with open(file) as lines:
        # Of an earlier call the sums go.
        kept = [line.split(" \\")[0].rstrip() for line in lines if "--hash=" not in line]
    pins = [line for line in kept if "==" in line and not line.startswith("#")]
    with ThreadPoolExecutor(4) as workers:
        sums = dict(zip(pins, workers.map(sums_of, pins)))
    with open(file, "w") as target:
        for line in kept:
            hashes = [f"    --hash=sha256:{one}" for one in sums.get(line, [])]
            target.write(" \\\n".join([line, *hashes]) + "\n")


if __name__ == "__main__":
    main()
