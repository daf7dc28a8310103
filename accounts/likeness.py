"""Which names look alike: compared by a skeleton that forgets case, width, accents, blanks, punctuation,
and letters of other scripts that look like Latin ones."""

import unicodedata

# Cyrillic, Greek and digits as the Latin letters that they are taken for, after case folding.
_TWINS = dict(
    zip(
        map(ord, "авекмнорстухіјѕһԁԛԝαβεηικνορτυχ01|!ı"),
        "abekmhopctyxijshdqwabenikvoptuxollli",
        strict=True,
    )
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_COMBINING = {"Mn", "Me", "Cf"}


def skeleton(name: str) -> str:
    """What two names share that a reader could take for one another."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    letters = (one for one in folded if unicodedata.category(one) not in _COMBINING)
    shown = "".join(letters).casefold().translate(_TWINS).replace("i", "l")
    plain = "".join(one for one in shown if one.isalnum())
    for pair, single in _PAIRS:
        plain = plain.replace(pair, single)
    return plain
