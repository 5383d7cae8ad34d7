"""The seeds of a confirmation and what was confirmed on them, as its record holds them."""

from harness.core.records import Record


class FreshSeeds(Record):
    """The seeds of a confirmation, on which nothing was chosen.

    Attributes
    ----------
    searches
        The seeds of each of the study's searches, all different.
    digests
        Data digest of each seed's split.
    searched
        `StudyRecord.recorded_digest` of the search that is confirmed.
    candidates
        Numbers of the confirmed configurations in the search, in the confirmation's order.
    configurations
        Fewest that a search tried of a regime which has more; None where none has.
    resplit
        Whether each seed drew its own split.
    """

    searches: tuple[tuple[int, ...], ...]
    digests: dict[int, str]
    searched: str
    candidates: tuple[int, ...]
    configurations: int | None
    resplit: bool
