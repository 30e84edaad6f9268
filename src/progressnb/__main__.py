"""`python -m progressnb`: the same as the command `progressnb`."""

from progressnb.cli import main

if __name__ == "__main__":
    main()
