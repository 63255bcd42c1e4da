"""python -m vision.training.stamped: see vision.training.stamped.train."""

from vision.training.stamped.train import main

if __name__ == "__main__":
    main()
