"""A recommendation's numbers in words, for the terminal and for pages."""

from harness.results.recommendation import Mean, Recommendation


def mean_in_words(found: Mean, sign: str = "") -> str:
    """A mean with its 95 % interval.

    Parameters
    ----------
    sign
        `+` for differences, whose sign is always shown.

    Examples
    --------
    >>> mean_in_words(Mean(mean=0.5, low=0.25, high=0.75), "+")
    '+0.5000 [+0.2500, +0.7500]'
    """
    low, high = (format(end, f"{sign}.4f") for end in (found.low, found.high))
    return f"{format(found.mean, f'{sign}.4f')} [{low}, {high}]"


def difference_in_words(found: Recommendation, score: str) -> str:
    """How what is recommended differs from the runner-up, and whether that is significant.

    Parameters
    ----------
    score
        Name of the study's score.
    """
    if found.difference is None:
        return "no difference is tested: different searches found the two, which share no seed"
    what = score if found.goal.cost is not None else "relative cost"
    verdict = "significant" if found.significant else "not significant"
    tested = "no test for n = 1" if found.p is None else f"p {found.p:.2g}, {verdict}"
    return f"difference in {what}: {mean_in_words(found.difference, '+')}, n = {found.n}: {tested}"
