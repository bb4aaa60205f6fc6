"""Content review keeps what every reviewer promises."""

from jishi.testing.contracts import ReviewContract
from jishi_content_review import ContentReview


class TestContentReview(ReviewContract):
    plugin = ContentReview
