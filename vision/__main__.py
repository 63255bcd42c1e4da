"""`python -m vision` is the command `marktrace`."""

from vision.cli import main

if __name__ == "__main__":
    main()
