"""Every operation of the API's description is asked for by a stranger, a customer and staff.

The run is short and always the same. A longer one, of the same shop:

    JISHI_FUZZ=200 .venv/bin/pytest -n0 tests/security/test_fuzz.py
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = int(os.environ.get("JISHI_FUZZ", "2"))
"""Cases per operation and phase."""

PHASES = "examples,coverage,fuzzing,stateful" if EXAMPLES > 2 else "examples,fuzzing,stateful"

LEFT_OUT = {
    # Two end the run's own token. Any text is a CSV file to the import, which says what is wrong.
    "operation": ("staff_log_out", "membership_log_out", "catalogue_import"),
    # A shop refuses what no schema can know: unknown SKUs, too little stock, a weak password.
    "check": ("positive_data_acceptance",),
}


def fuzz(served, who: str, folder: Path, *, paths: str, scheme: str) -> int:
    """Run the fuzzer as somebody; gives its exit code: 0 when it has nothing to complain of."""
    settings = folder / "schemathesis.toml"
    token = served.town.tokens.get(who)
    settings.write_text(f'[auth.openapi]\n{scheme} = {{ bearer = "{token}" }}\n' if token else "")
    command = [
        *(Path(sys.executable).with_name("st").as_posix(), "--no-color"),
        *("--config-file", str(settings), "run", f"{served.address}/openapi.json"),
        *("--url", served.address, "--phases", PHASES, "--include-path-regex", paths),
        *("--max-examples", str(EXAMPLES), "--seed", "1", "--generation-deterministic"),
        *("--exclude-checks", ",".join(LEFT_OUT["check"]), "--warnings", "off"),
        *("--continue-on-failure", "--no-shrink", "--suppress-health-check", "all"),
    ]
    for operation in LEFT_OUT["operation"]:
        command += ["--exclude-operation-id", operation]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=3600)
    sys.stdout.write(done.stdout[-20_000:] + done.stderr[-2_000:])  # shown when a test fails
    return done.returncode


@pytest.mark.slow
@pytest.mark.bar("B24")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("who", "scheme", "paths"),
    [
        ("anonymous", "shopper", "^/"),
        ("member_a", "shopper", "^/(store|health)"),
        ("guest_a", "shopper", "^/(store|health)"),
        ("owner", "staff", "^/admin"),
    ],
)
def test_whatever_is_sent_is_answered_as_described(served, tmp_path, who, scheme, paths):
    assert fuzz(served, who, tmp_path, paths=paths, scheme=scheme) == 0
