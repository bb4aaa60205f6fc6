"""What can go wrong with codes."""

from jishi.problems import Clash, Invalid, NotFound


class UnknownCode(NotFound):
    """Nothing here has this code."""

    code = "code_unknown"
    title = "Nothing here has this code"


class AmbiguousCode(Clash):
    """Several SKUs have the code, and nothing says which is meant."""

    code = "code_ambiguous"
    title = "Several goods have this code"


class CodeTaken(Clash):
    """The code means another SKU; the conflict waits for a person."""

    code = "code_taken"
    title = "The code means other goods"


class NoSuchConflict(NotFound):
    """There is no such conflict, or it is decided."""

    code = "code_conflict_not_found"
    title = "There is no such conflict"


class WrongCode(Invalid):
    """It is no code of this kind."""

    code = "code_wrong"
    title = "This is no such code"
