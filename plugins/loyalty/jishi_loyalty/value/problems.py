"""What can go wrong with stored value.

```
Problem
├── Clash
│   ├── ValueShort        the balance is too small
│   ├── ProofNeeded       password or code first
│   ├── ValueLimit        above a limit of the merchant's
│   ├── CodeSpent         the member's code was used for another payment
│   └── NotToBeHad        top-ups cannot be paid, or given back, like goods
├── Invalid
│   └── CodeWrong         no member's code, or an old one
└── TooMany
    └── PasswordLocked    wrong too often
```
"""

from jishi.problems import Clash, Invalid, TooMany


class ValueShort(Clash):
    """The balance is too small."""

    code = "value_short"
    title = "The balance is too small"


class ProofNeeded(Clash):
    """The member has to prove that it is he who pays."""

    code = "step_up_needed"
    title = "The payment password or a code is needed"


class ValueLimit(Clash):
    """Above a limit of the merchant's."""

    code = "value_limit"
    title = "This is more than the shop allows"


class CodeSpent(Clash):
    """The member's code was used for another payment."""

    code = "value_code_spent"
    title = "This code was used already"


class NotToBeHad(Clash):
    """It is not there to be done."""

    code = "value_not_possible"
    title = "This is not possible here"


class CodeWrong(Invalid):
    """No member's code, or one that is too old."""

    code = "value_code_wrong"
    title = "This is no valid member's code"


class ProofWrong(Invalid):
    """The password, or the code, is wrong."""

    code = "value_proof_wrong"
    title = "The password or the code is wrong"


class PasswordLocked(TooMany):
    """The payment password was wrong too often."""

    code = "value_password_locked"
    title = "The payment password is locked for a while"
