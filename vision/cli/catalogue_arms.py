"""`marktrace catalogue show` for what is no headstamp: rows of weapon marks, forms of serials and packaging."""

from __future__ import annotations

from vision.catalogue.arms import ArmsTables
from vision.catalogue.packaging import PackagingMark
from vision.catalogue.serials import SerialFormat
from vision.catalogue.weapons import WeaponMark
from vision.match.marks import symbol_key, words_of


def rows_shown(arms: ArmsTables, mark: str) -> list[str]:
    """What is shown of every row that has this id or, for weapon marks, this text or symbol, in the tables' order."""
    shown = [_weapon(row) for row in arms.weapons if mark in (row.id, row.mark) or _same(row.mark, mark)]
    shown += [_serial(row) for row in arms.serials if mark == row.id]
    return shown + [_packaging(row) for row in arms.packaging if mark == row.id]


def _same(mark: str, asked: str) -> bool:
    if mark.startswith("<") or asked.startswith("<"):
        return mark.startswith("<") and asked.startswith("<") and symbol_key(mark) == symbol_key(asked)
    words = words_of(asked)
    return bool(words) and words_of(mark) == words


def _weapon(row: WeaponMark) -> str:
    years = f"{row.years_from or 'unknown'} to {row.years_to or 'open'}"
    native = f" ({row.manufacturer_native})" if row.manufacturer_native else ""
    named = {"maker": "one maker", "state": "any maker of its state", "nobody": "nobody's origin"}[row.names]
    return _block(
        f"{row.mark}   {row.id}",
        ("kind", f"{row.kind}, {row.form}"),
        ("names", named),
        ("alone", row.strength),
        ("maker", row.manufacturer + native),
        ("place", ", ".join(part for part in (row.city, row.country) if part)),
        ("state then", row.state_then),
        ("years", years),
        ("weapons", ", ".join(row.weapon_types)),
        ("shape", row.shape),
        ("notes", row.notes),
        ("source", f"{row.source} (grade {row.grade})"),
    )


def _serial(row: SerialFormat) -> str:
    years = f"{row.years_from or 'unknown'} to {row.years_to or 'open'}"
    return _block(
        f"{row.example}   {row.id}",
        ("form of", row.role),
        ("maker", f"{row.manufacturer} ({row.country}), {row.model}"),
        ("pattern", row.pattern.pattern),
        ("decoded", row.decode),
        ("doubt", row.doubt),
        ("years", years),
        ("source", f"{row.source} (grade {row.grade})"),
    )


def _packaging(row: PackagingMark) -> str:
    return _block(
        f"{row.example}   {row.id}",
        ("what", row.what),
        ("where", row.place),
        ("pattern", row.pattern.pattern),
        ("decoded", row.decode),
        ("country", row.country),
        ("source", f"{row.source} (grade {row.grade})"),
    )


def _block(title: str, *facts: tuple[str, str]) -> str:
    return "\n".join([title, *(f"  {name:<10} {value}" for name, value in facts if value)])
