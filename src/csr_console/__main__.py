"""The entry of the command `csr-console`, and of `python -m csr_console`."""

import gc
import os
import sys


def main() -> None:
    """Run the command line; with nothing on it open the console without reading one, since that is what a
    clerk waits for at the start of a shift."""
    os.environ.setdefault("TEXTUAL_FPS", "120")  # read when textual is imported
    if sys.argv[1:]:
        from csr_console.cli import main as run_command

        run_command()
    else:
        gc.disable()  # imports leave nothing to collect; the console turns it on after its first paint
        from csr_console.console import open_workstation

        open_workstation()


if __name__ == "__main__":
    main()
