"""What loyalty adds to a member's profile."""

from jishi.membership import ProfileLine, ProfileSection
from jishi_loyalty.read_points import Holding


def section_of(holding: Holding) -> ProfileSection:
    """Points and tier, as people read them."""
    lines = [
        ProfileLine(label="可用积分", value=f"{holding.available:,}"),
        ProfileLine(label="待生效积分", value=f"{holding.pending:,}"),
    ]
    if holding.debt:
        lines.append(ProfileLine(label="欠积分", value=f"{holding.debt:,}"))
    if ends := [lot.expires_at for lot in holding.lots if lot.expires_at and lot.points]:
        lines.append(ProfileLine(label="最近到期", value=f"{min(ends):%Y-%m-%d}"))
    if holding.tier_title:
        lines.append(ProfileLine(label="会员等级", value=holding.tier_title))
    return ProfileSection(title="积分与等级", lines=tuple(lines))
