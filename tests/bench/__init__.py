"""What answers, a crowd, the snapshot and a start cost: `python -m tests.bench`"""
