"""The tables of marks that are no headstamps: marks of weapons, forms of serials, packaging, issuers of codes.

A marking set may be without all of them: then straight marks are read and not attributed. With one it has them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vision.catalogue.packaging import (
    CODES_TABLE,
    CodeCountry,
    PackagingMark,
    load_code_countries,
    load_packaging_marks,
)
from vision.catalogue.packaging import TABLE as PACKAGING
from vision.catalogue.schema import Fault
from vision.catalogue.serials import TABLE as SERIALS
from vision.catalogue.serials import SerialFormat, load_serial_formats
from vision.catalogue.tables import Faults
from vision.catalogue.weapons import TABLE as WEAPONS
from vision.catalogue.weapons import WeaponMark, load_weapon_marks
from vision.errors import KitError

TABLES = (WEAPONS, SERIALS, PACKAGING, CODES_TABLE)


@dataclass(frozen=True, slots=True)
class ArmsTables:
    """What is known of marks that are no headstamps; empty where a marking set has no such tables."""

    weapons: tuple[WeaponMark, ...] = ()
    serials: tuple[SerialFormat, ...] = ()
    packaging: tuple[PackagingMark, ...] = ()
    issuers: tuple[CodeCountry, ...] = ()


def load_arms_tables(folder: Path, countries: Mapping[str, str]) -> ArmsTables:
    """The tables in a marking set's folder.

    Raises:
        KitError: a table is faulty, or some are missing and others not; the message names file, line and fault.
    """
    tables, faults = read_arms_tables(folder, countries)
    if faults:
        more = f" (and {len(faults) - 1} more: marktrace catalogue check)" if len(faults) > 1 else ""
        raise KitError(f"{faults[0]}{more}")
    return tables


def read_arms_tables(folder: Path, countries: Mapping[str, str]) -> tuple[ArmsTables, list[Fault]]:
    """The tables in a marking set's folder with every fault of them. Raises KitError when only some are missing."""
    if not any((folder / name).exists() for name in TABLES):
        return ArmsTables(), []
    faults = {name: Faults(name) for name in TABLES}
    tables = ArmsTables(
        load_weapon_marks(folder, countries, faults[WEAPONS]),
        load_serial_formats(folder, countries, faults[SERIALS]),
        load_packaging_marks(folder, countries, faults[PACKAGING]),
        load_code_countries(folder, countries, faults[CODES_TABLE]),
    )
    return tables, [fault for name in TABLES for fault in faults[name].found]
