"""One settings dataclass per verb, shared by Python, the command line, the worker and Blender.

Every field is a plain JSON value, so that a settings object travels as `asdict(settings)` and
comes back through `from_dict`. Its label, help, range and unit stand beside it (`info`); `check()`
raises one SettingError that names it.
"""

from .base import Settings
from .info import SettingError, SettingInfo, option_of, setting, setting_info
from .layering import (
    MAX_NETWORK_SIZE,
    MIN_NETWORK_SIZE,
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReadSettings,
)
from .relief import ReliefSettings

__all__ = [
    "MAX_NETWORK_SIZE",
    "MIN_NETWORK_SIZE",
    "CompleteSettings",
    "DecomposeSettings",
    "DepthSettings",
    "ReadSettings",
    "ReliefSettings",
    "SettingError",
    "SettingInfo",
    "Settings",
    "option_of",
    "setting",
    "setting_info",
]
