"""`python -m harness`: the `harness` command."""

from harness.cli.app import main

if __name__ == "__main__":
    main()
