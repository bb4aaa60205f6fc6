"""What can go wrong with members.

```
Invalid            422
├── BadContact         no phone number or e-mail address
├── CodeRefused        the code does not fit
└── LastIdentity       nobody could log in any more
Clash              409
├── IdentityTaken      it belongs to another member
├── NotMerged          there is nobody to be parted from
└── MembersBusy        others keep changing them
TooMany            429
└── CodesTooOften      codes were asked for too often
OutOfService       503
├── NoCodeSender       nobody can bring a code there
└── CodeNotSent        the sender failed
```
"""

from jishi.problems import Clash, Invalid, OutOfService, TooMany


class BadContact(Invalid):
    """What was given is no phone number or e-mail address."""

    code = "bad_contact"
    title = "No phone number or e-mail address"


class CodeRefused(Invalid):
    """The code is wrong, too old, used, or tried too often; the answer is always the same."""

    code = "code_refused"
    title = "The code does not fit"


class LastIdentity(Invalid):
    """The identity is the only one left."""

    code = "last_identity"
    title = "The last way to log in stays"


class IdentityTaken(Clash):
    """The phone number or address belongs to another member."""

    code = "identity_taken"
    title = "It belongs to another member"


class NotMerged(Clash):
    """The member is himself already."""

    code = "not_merged"
    title = "This member was not merged"


class MembersBusy(Clash):
    """The members or their accounts kept changing while they were to become one."""

    code = "members_busy"
    title = "These members are busy"


class CodesTooOften(TooMany):
    """Codes were asked for too often."""

    code = "codes_too_often"
    title = "Too many codes"


class NoCodeSender(OutOfService):
    """No plugin brings codes to this kind of address."""

    code = "no_code_sender"
    title = "Codes cannot be sent"


class CodeNotSent(OutOfService):
    """The sender failed."""

    code = "code_not_sent"
    title = "The code could not be sent"
