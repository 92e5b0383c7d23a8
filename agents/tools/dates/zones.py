"""Time zones by the names people use."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo

from agents.tools.tool import ToolError

_CHINESE = {
    "北京": "Asia/Shanghai", "中国": "Asia/Shanghai", "上海": "Asia/Shanghai", "beijing": "Asia/Shanghai",
    "shenzhen": "Asia/Shanghai", "guangzhou": "Asia/Shanghai", "china": "Asia/Shanghai", "香港": "Asia/Hong_Kong",
    "台北": "Asia/Taipei", "东京": "Asia/Tokyo", "首尔": "Asia/Seoul", "新加坡": "Asia/Singapore",
    "伦敦": "Europe/London", "巴黎": "Europe/Paris", "柏林": "Europe/Berlin", "莫斯科": "Europe/Moscow",
    "纽约": "America/New_York", "华盛顿": "America/New_York", "芝加哥": "America/Chicago",
    "洛杉矶": "America/Los_Angeles", "旧金山": "America/Los_Angeles", "san francisco": "America/Los_Angeles",
    "悉尼": "Australia/Sydney", "迪拜": "Asia/Dubai", "世界标准时间": "UTC", "gmt": "UTC", "z": "UTC",
}  # fmt: skip
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])(\d{1,2})(?::?(\d\d))?", re.IGNORECASE)


def zone_of(name: str) -> tuple[str, tzinfo]:
    """Its IANA name and rules, for 'Asia/Tokyo', 'Tokyo', '东京' or 'UTC+9'. Raises `ToolError` naming the nearest."""
    import difflib
    from zoneinfo import ZoneInfo, available_timezones

    bare = name.strip().casefold().removesuffix("时间").removesuffix(" time")
    if match := _OFFSET.fullmatch(bare):
        minutes = int(match.group(2)) * 60 + int(match.group(3) or 0)
        if minutes < 24 * 60:
            offset = timedelta(minutes=minutes if match.group(1) == "+" else -minutes)
            return name.strip().upper(), timezone(offset)
    if bare in _CHINESE:
        return _CHINESE[bare], ZoneInfo(_CHINESE[bare])
    wanted = bare.replace(" ", "_")
    known = {zone.casefold(): zone for zone in sorted(available_timezones())}
    cities = {zone.rpartition("/")[2]: full for zone, full in known.items() if "/" in zone}
    if found := known.get(wanted) or cities.get(wanted):
        return found, ZoneInfo(found)
    near = difflib.get_close_matches(wanted, [*known, *cities], n=1, cutoff=0.6)
    nearest = known.get(near[0]) or cities[near[0]] if near else "Asia/Shanghai"
    raise ToolError(
        en=f"There is no time zone '{name}'. Nearest: '{nearest}'. Use such names, or UTC+8.",
        zh=f"没有时区 “{name}”。最接近的是 “{nearest}”。请使用此类名称，或 UTC+8。",
    )
