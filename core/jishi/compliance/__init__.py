"""What may be published: subjects, what plugins find about them, what people decide."""

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
    "Finding",
    "Review",
    "ReviewCase",
    "ReviewPage",
    "Severity",
    "Subject",
    "SubjectKind",
    "Verdict",
    "review",
    "review_many",
]
