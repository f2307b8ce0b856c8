"""Which actions there are: those of this repository, and those a project allows besides."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from engine.action import REGISTRY, Action
from engine.errors import ClerkworkError, ConfigurationError
from engine.nearest import listed

if TYPE_CHECKING:
    from config.project import Project

BUILT_IN = (
    "bots.documents.actions",
    "bots.documents.stack_actions",
    "bots.documents.table_actions",
    "bots.browser.actions",
    "bots.files",
    "bots.spreadsheet.actions",
    "connectors.erp.actions",
)
GROUP = "clerkwork.actions"


def load_actions(project: Project) -> Mapping[str, Action]:
    """All actions by name; ConfigurationError where an action of a project cannot be loaded."""
    for module in BUILT_IN:
        importlib.import_module(module)
    for package in project.settings.packages:
        _load_package(package)
    if project.settings.plugins is not None:
        _load_folder(project.root / project.settings.plugins)
    return dict(sorted(REGISTRY.items()))


def _load_package(package: str) -> None:
    """Only packages that the settings name are asked: installing one must not be enough to run its code."""
    offered = {point.dist.name: point for point in entry_points(group=GROUP) if point.dist is not None}
    if package not in offered:
        raise ConfigurationError(
            f"config/settings.yaml: packages names {package}, which offers no {GROUP}",
            advice=f"install it into .venv; packages that offer actions: {listed(offered)}",
        )
    try:
        offered[package].load()
    except ClerkworkError:
        raise
    except Exception as error:
        raise ConfigurationError(
            f"the actions of package {package} cannot be loaded: {type(error).__name__}: {error}"
        ) from error


def _load_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ConfigurationError(
            f"config/settings.yaml: plugins names {folder}, which is no folder", advice="make it, or correct the path"
        )
    for file in sorted(folder.glob("*.py")):
        _load_file(file)


def _load_file(file: Path) -> None:
    name = f"clerkwork_plugins.{file.stem}"
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ClerkworkError:
        del sys.modules[name]
        raise
    except Exception as error:
        del sys.modules[name]
        raise ConfigurationError(
            f"{file} cannot be loaded: {type(error).__name__}: {error}", advice="correct it; `--debug` shows the trace"
        ) from error
