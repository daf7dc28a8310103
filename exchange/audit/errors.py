"""What the log refuses its readers."""

from exchange.core.refusals import Invalid, NotFound, Refusal


class NoSuchRecord(NotFound):
    """No record has this id or index."""

    code = "no_such_record"


class NotYetInTheLog(Refusal):
    """The record is committed and waits for its index; ask again in a second."""

    code = "record_not_yet_in_the_log"


class NoSuchTree(Invalid):
    """The log never had this many leaves, or the sizes are in the wrong order."""

    code = "no_such_tree"
