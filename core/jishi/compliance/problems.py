"""What can go wrong with reviews.

```
Clash              409
└── SubjectChanged     the content is not the one that was read
```
"""

from jishi.problems import Clash


class SubjectChanged(Clash):
    """The content is not the one that was read."""

    code = "subject_changed"
    title = "The subject has changed"
