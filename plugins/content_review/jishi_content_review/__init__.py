"""Content review: forbidden words in context, licences by category, company numbers."""

from jishi_content_review.plugin import ContentReview
from jishi_content_review.settings import ContentReviewSettings

__all__ = ["ContentReview", "ContentReviewSettings"]
