"""People who work here: logins, roles, and the log of everything they did."""

from jishi.staff.audit import list_audit, record, verify_audit
from jishi.staff.decide_review import decide_review
from jishi.staff.log_in import change_own_password, log_in_staff, log_out_staff
from jishi.staff.people import (
    COMMAND_LINE,
    add_person,
    change_person,
    create_owner,
    list_people,
    load_person,
)
from jishi.staff.problems import (
    BeyondYourRole,
    EmailTaken,
    FixedRole,
    LastOwner,
    LoginLocked,
    LoginRefused,
    NoSuchRole,
    OwnerExists,
    RoleInUse,
    WeakPassword,
)
from jishi.staff.roles import list_roles, remove_role, set_role
from jishi.staff.structs import (
    AuditEntry,
    AuditFault,
    AuditPage,
    NewPerson,
    Person,
    PersonChange,
    Role,
    StaffLogin,
)
from jishi.staff.tokens import staff_from_token

__all__ = [
    "COMMAND_LINE",
    "AuditEntry",
    "AuditFault",
    "AuditPage",
    "BeyondYourRole",
    "EmailTaken",
    "FixedRole",
    "LastOwner",
    "LoginLocked",
    "LoginRefused",
    "NewPerson",
    "NoSuchRole",
    "OwnerExists",
    "Person",
    "PersonChange",
    "Role",
    "RoleInUse",
    "StaffLogin",
    "WeakPassword",
    "add_person",
    "change_own_password",
    "change_person",
    "create_owner",
    "decide_review",
    "list_audit",
    "list_people",
    "list_roles",
    "load_person",
    "log_in_staff",
    "log_out_staff",
    "record",
    "remove_role",
    "set_role",
    "staff_from_token",
    "verify_audit",
]
