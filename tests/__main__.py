"""Everything that must hold, in the order in which it fails quickest: `python -m tests`.

Floors, lint, types, templates, migrations, production settings, then the tests themselves.
Only when named: `heavy` and `long`, which try again what is marked `deep`, with more examples of each
property and more histories (tests/depth.py): at most half an hour on two cores, and overnight.
"""

import argparse
import base64
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

from exchange.local import postgres

PROJECT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]

HOUSE = ["tests/architecture/test_house.py", "tests/architecture/test_walk.py"]
PYTEST: list[str | Path] = [
    sys.executable, "-m", "pytest", "--numprocesses", "2", "--dist", "loadgroup",
]  # fmt: skip
STEPS: dict[str, list[list[str | Path]]] = {
    "floors": [[PROGRAMS / "lint-imports"]],
    "lint": [
        [PROGRAMS / "ruff", "check", "."],
        [PROGRAMS / "ruff", "format", "--check", "."],
    ],
    "types": [[PROGRAMS / "mypy"]],
    "migrations": [[*MANAGE, "makemigrations", "--check", "--dry-run"]],
    "deploy": [[*MANAGE, "check", "--deploy", "--fail-level", "INFO"]],
    "house": [
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", *HOUSE],
    ],
    "tests": [PYTEST],
    "heavy": [[*PYTEST, "-m", "deep"]],
    "long": [[*PYTEST, "-m", "deep"]],
}
# Run when asked for by name. The house's tests are among all the tests, and print a table here.
ONLY_NAMED = {"house", "heavy", "long"}
DEEP = {"heavy", "long"}


def _environment(step: str) -> dict[str, str]:
    environment = {**os.environ, "ASSAY_INSTANCE": os.environ.get("ASSAY_INSTANCE", "test")}
    if step in DEEP:
        environment["TEST_DEPTH"] = step
    if step == "deploy":
        instance = environment["ASSAY_INSTANCE"]
        environment |= {
            "DATABASE_OWNER_URL": postgres.attach(instance),
            "DATABASE_URL": postgres.locate(instance).runtime_url,
            "DJANGO_SETTINGS_MODULE": "exchange.settings.prod",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": "exchange.test",
            "PUBLIC_URL": "https://exchange.test",
            "AUDIT_SIGNING_KEY": base64.b64encode(b"\xff" + secrets.token_bytes(31)).decode(),
            "AUDIT_WITNESS": "https://witness.test/heads",
            "EMAIL_URL": "smtp+tls://desk:word@mail.test:587",
            "DEFAULT_FROM_EMAIL": "Exchange <desk@exchange.test>",
            "EXCHANGE_BANK_ACCOUNT": "6222 0210 0111 2233 445",
        }
    return environment


def _run(step: str) -> bool:
    started = time.monotonic()
    for command in STEPS[step]:
        print(f"── {step}: {' '.join(Path(str(word)).name for word in command[:4])}", flush=True)
        if subprocess.run(command, cwd=PROJECT, env=_environment(step), check=False).returncode:
            return False
    print(f"── {step}: good, {time.monotonic() - started:.0f} s\n", flush=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(STEPS), action="append")
    chosen = parser.parse_args().only or [step for step in STEPS if step not in ONLY_NAMED]
    for step in chosen:
        if not _run(step):
            print(f"── {step}: FAILED", flush=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
