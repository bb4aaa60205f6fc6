"""What may be published: subjects, what plugins find about them, what people decide."""

from jishi.compliance.decide import Decision, decide
from jishi.compliance.problems import SubjectChanged
from jishi.compliance.queue import list_reviews, load_case
from jishi.compliance.review import review, review_many
from jishi.compliance.structs import (
    Finding,
    Review,
    ReviewCase,
    ReviewPage,
    Severity,
    Subject,
    SubjectKind,
    Verdict,
)

__all__ = [
    "Decision",
    "Finding",
    "Review",
    "ReviewCase",
    "ReviewPage",
    "Severity",
    "Subject",
    "SubjectChanged",
    "SubjectKind",
    "Verdict",
    "decide",
    "list_reviews",
    "load_case",
    "review",
    "review_many",
]
