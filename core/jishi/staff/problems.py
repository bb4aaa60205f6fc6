"""What can go wrong with staff.

```
Unauthenticated    401
└── LoginRefused       e-mail or password is wrong
    ├── SecondFactorNeeded   a code is missing
    └── SecondFactorRefused  the code is wrong or was used before
TooMany            429
└── LoginLocked        too many wrong passwords
Forbidden          403
└── BeyondYourRole     nobody gives away more than he has
Clash              409
├── OwnerExists        there is an owner already
├── EmailTaken         somebody else has it
├── LastOwner          somebody must own the shop
├── RoleInUse          somebody has the role
└── SecondFactorThere  there is a second factor already
Invalid            422
├── NoSuchRole         nobody defined it
├── FixedRole          the owner's role is what it is
└── WeakPassword       the password is too short or too common
```
"""

from jishi.problems import Clash, Forbidden, Invalid, TooMany, Unauthenticated


class LoginRefused(Unauthenticated):
    """E-mail or password is wrong, or the person is blocked; nothing tells which."""

    code = "login_refused"
    title = "E-mail or password is wrong"


class SecondFactorNeeded(LoginRefused):
    """The password is right; whoever has a second factor sends its code as well."""

    code = "second_factor_needed"
    title = "A second factor is needed"


class SecondFactorRefused(LoginRefused):
    """The code is wrong, too old, or was used before."""

    code = "second_factor_refused"
    title = "The code is wrong"


class SecondFactorThere(Clash):
    """There is a second factor already."""

    code = "second_factor_there"
    title = "There is a second factor already"


class LoginLocked(TooMany):
    """Too many wrong passwords; each further one doubles the wait."""

    code = "login_locked"
    title = "Too many attempts"


class BeyondYourRole(Forbidden):
    """The caller would give, or change, rights that he does not have."""

    code = "beyond_your_role"
    title = "Your role does not reach that far"


class OwnerExists(Clash):
    """The shop has an owner."""

    code = "owner_exists"
    title = "There is an owner already"


class EmailTaken(Clash):
    """Somebody else logs in with this address."""

    code = "email_taken"
    title = "The e-mail address is taken"


class LastOwner(Clash):
    """The shop would have no owner."""

    code = "last_owner"
    title = "Somebody must own the shop"


class RoleInUse(Clash):
    """Somebody has the role."""

    code = "role_in_use"
    title = "Somebody has this role"


class NoSuchRole(Invalid):
    """Nobody defined the role."""

    code = "no_such_role"
    title = "There is no such role"


class FixedRole(Invalid):
    """The owner's role cannot be changed."""

    code = "fixed_role"
    title = "This role stays as it is"


class WeakPassword(Invalid):
    """The password is too easy to guess."""

    code = "weak_password"
    title = "The password is too weak"
