"""What can go wrong with themes and their forms.

```
Problem
├── ThemeProblem        the theme, as configured, cannot be used
├── WrongForm           415, a body that no form of ours sends
└── Invalid
    └── FieldWrong      a field of a form makes no sense
```
"""

from jishi.problems import Invalid, Problem


class ThemeProblem(Problem):
    """The theme that the merchant named cannot be used; one plain sentence says why."""

    code = "theme"
    status = 500
    title = "The theme cannot be used"

    def __str__(self) -> str:
        return f"{self.detail} {self.next_step}" if self.next_step else self.detail


class WrongForm(Problem):
    """A body that no form of the storefront sends."""

    code = "wrong_form"
    status = 415
    title = "This form cannot be read"


class FieldWrong(Invalid):
    """A field of a form makes no sense."""

    code = "field_wrong"
    title = "Something in the form is not right"
