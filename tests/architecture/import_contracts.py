"""Two kinds of import contract that import-linter does not have; `.importlinter` names them.

They look at direct imports only: an indirect one always begins with a direct one that the same
contract judges where it stands.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

Arrow = tuple[str, str, int]
"""Importer, imported, line number (0 if unknown)."""


def _inside(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def _arrows(graph: ImportGraph, is_wrong: Callable[[str, str], bool]) -> list[Arrow]:
    found: list[Arrow] = []
    for importer in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(importer)):
            if is_wrong(importer, imported):
                details = graph.get_import_details(importer=importer, imported=imported)
                line = int(details[0]["line_number"]) if details else 0
                found.append((importer, imported, line))
    return found


class _ArrowContract(Contract):
    def is_wrong(self, importer: str, imported: str) -> bool:
        raise NotImplementedError

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        wrong = _arrows(graph, self.is_wrong)
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported, line in check.metadata["wrong"]:
            output.print(f"- {importer} imports {imported} (line {line})")


class StandsAlone(_ArrowContract):
    """A package that imports itself, the standard library and the named libraries; nothing else."""

    type_name = "stands_alone"

    package = fields.StringField()
    libraries = fields.SetField(subfield=fields.StringField(), required=False, default=set())

    def is_wrong(self, importer: str, imported: str) -> bool:
        """True for an arrow out of the package to anything it has not been allowed."""
        package, libraries = str(self.package), {str(name) for name in self.libraries}
        if not _inside(importer, package) or _inside(imported, package):
            return False
        root = imported.split(".")[0]
        return root not in sys.stdlib_module_names and root not in libraries


class ImportedOnlyBy(_ArrowContract):
    """Modules that nobody but the named importers (and they themselves) may import."""

    type_name = "imported_only_by"

    modules = fields.SetField(subfield=fields.StringField())
    importers = fields.SetField(subfield=fields.StringField())

    def is_wrong(self, importer: str, imported: str) -> bool:
        """True for an arrow into one of the modules from anywhere not named."""
        modules = {str(name) for name in self.modules}
        if not any(_inside(imported, module) for module in modules):
            return False
        allowed = modules | {str(name) for name in self.importers}
        return not any(_inside(importer, package) for package in allowed)
