"""The digests of the user's own classes and modules."""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from progressnb.history.codes import hashed, is_own, is_own_class, name_of_type, unwrapped, version_of_package
from progressnb.history.follow import declared_fields, is_class_value, is_helper
from progressnb.history.reads import writes_in
from progressnb.history.writes import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from progressnb.history.functions import Walker

__all__ = ["class_digest", "module_digests"]


def class_digest(walk: Walker, kind: type) -> bytes:
    """Return the digest of a class: its methods, its data, its fields, its bases; of an installed one its name."""
    if not is_own_class(kind):
        return hashed("class", f"{name_of_type(kind)} {version_of_package(kind.__module__)}".encode())
    found = {name: unwrapped(each) for name, each in vars(kind).items()}
    methods = {name: each for name, each in found.items() if isinstance(each, FunctionType)}
    written = {
        name.name
        for each in methods.values()
        for base, name in writes_in(each.__code__)
        if isinstance(name, Attribute) and base in (kind.__name__, *each.__code__.co_varnames[:1])
    }
    parts = [
        hashed("", name.encode(), walk.digest(each))
        for name, each in sorted(found.items(), key=lambda item: item[0])
        if (name in methods and methods[name].__code__.co_filename != "<string>")  # as dataclasses make
        or (is_class_value(name, each) and name not in written)
        or (is_helper(name, each) and name not in written)
    ]
    if (maker := type(kind)) is not type:
        parts.append(walk.digest(maker))
    parts += [walk.digest(each) for each in declared_fields(kind)]
    annotations: Any = vars(kind).get("__annotations__", {})
    parts += [hashed("", name.encode(), walk.digest(each)) for name, each in sorted(annotations.items())]
    bases = [walk.digest(base) for base in kind.__bases__ if base is not object]
    return hashed("class", kind.__qualname__.encode(), *parts, *bases)


def module_digests(walk: Walker, module: ModuleType) -> Iterator[bytes]:
    """Give the digests of what a module of the user's own holds."""
    if not is_own(getattr(module, "__file__", None)):
        return
    walk.plan.holds = False
    found = {name: each for name, each in vars(module).items() if not name.startswith("__")}
    codes = [each.__code__ for each in found.values() if isinstance(each, FunctionType)]
    written = {name for code in codes for name, _ in writes_in(code)}
    for name, each in sorted(found.items()):
        if name not in written and not isinstance(each, ModuleType):
            yield hashed("", name.encode(), walk.leniently(walk.digest, each))
