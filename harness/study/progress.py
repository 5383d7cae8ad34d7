"""How far a launch has come, as it is shown while it runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StudyProgress:
    """How far a study has come.

    Attributes
    ----------
    done, failed, planned
        Trials (networks).
    hypervolume
        Of all recorded trials, on validation; None while those recorded before are taken up.
    eta
        Seconds to go at the pace of this launch; None before its first trial.
    last
        The last event, in words.
    workers
        How many there are; None where none joins or leaves.
    events
        What happened to workers since the last progress, in words.
    """

    done: int
    failed: int
    planned: int
    hypervolume: float | None
    eta: float | None
    last: str
    workers: int | None = None
    events: tuple[str, ...] = ()
