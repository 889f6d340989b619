"""`python -m engine.cli`, which is what `torchrun` can start on several GPUs."""

from engine.cli.main import main

if __name__ == "__main__":
    main()
