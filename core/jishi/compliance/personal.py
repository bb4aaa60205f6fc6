"""Reviews are about goods and pages."""

from jishi.personal import impersonal

PERSONAL = (
    impersonal("compliance_reviews", "goods and pages under review"),
    impersonal("compliance_decisions", "verdicts about goods and pages"),
)
"""Every table of the room."""
