#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""One test file for each row of the operation table: tests/e2e/operations/<Operation>.py. tests/tidy holds the two to each other."""
import importlib.util
import pathlib

import harness

for path in sorted((pathlib.Path(__file__).parent / "operations").glob("*.py")):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    # The name of a case is what it says, after the operation it is about.
    harness.prefix = path.stem
    spec.loader.exec_module(module)

if __name__ == "__main__":
    harness.main()
