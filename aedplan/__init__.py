"""aedplan: plans and runs an AED 4-minute rescue circle (AED 救护圈).

The public names stand in `__init__.pyi`, one import line each. They are loaded when first used, so that `aedplan --help`
answers at once and a service does not load what it does not need.
"""

import sys
from types import ModuleType

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


class _Package(ModuleType):
    """Keeps `aedplan.reach` the function: importing the module of that name would put the module in its place."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in ("reach", "solve", "worth")):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
