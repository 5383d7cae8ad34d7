"""What a comparison of regimes rests on: number and kind of seeds, and whether they can decide.

Seeds are *fresh* where nothing was chosen on them, and *searched* where they chose the
configurations that are compared (docs/methods.md, "Exploratory").
"""

from harness.statistics.paired import seeds_needed


def seeds_in_words(seeds: int, fresh: bool) -> str:
    """Number and kind of seeds, for titles and captions.

    Examples
    --------
    >>> seeds_in_words(10, fresh=True), seeds_in_words(1, fresh=False)
    ('n = 10 fresh seeds', 'n = 1 searched seed')
    """
    kind = "fresh" if fresh else "searched"
    return f"n = {seeds} {kind} {'seed' if seeds == 1 else 'seeds'}"


def decides(seeds: int, tests: int, fresh: bool) -> bool:
    """Whether so many seeds can call a regime better or worse among some tests.

    They are fresh, and their smallest p-value is significant after Holm's correction.

    Examples
    --------
    >>> decides(8, 6, fresh=True), decides(7, 6, fresh=True), decides(8, 6, fresh=False)
    (True, False, False)
    """
    return fresh and seeds >= seeds_needed(tests)
