"""What is told about a defect of our own."""

from pathlib import Path


def defect(error: Exception) -> str:
    """Return where a defect shows. Its message could quote anything, so it stays out."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
    return (
        f"A defect in qatech-ci: {type(error).__name__} at {place}. "
        "Please report it with this line; the review in QA.tech is not affected."
    )
