"""Write the numbers of each registry copy into a file, in batches; the file holds what the rows held.

The file's format has a version of its own, so writing it with compliance.registry means the same in later releases.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import migrations

from compliance.registry import building
from compliance.registry.numbering import index_of

BATCH = 100_000


def numbers_to_files(apps, schema_editor) -> None:
    """Make the file of each copy that has numbers, and note it in the copy's row."""
    alias = schema_editor.connection.alias
    imports = apps.get_model("compliance", "DncListImport")
    entries = apps.get_model("compliance", "DncEntry")
    for row in imports.objects.using(alias).order_by("id"):
        numbers = entries.objects.using(alias).filter(snapshot_id=row.id)
        if not numbers.exists():
            continue
        folder = Path(settings.REGISTRY_DIR)
        with building.workplace(folder) as part:
            bits = building.Bits(part / "bits")
            for batch in _batches(numbers.order_by("id")):
                bits.add(np.array(batch, np.int64))
            header = building.write(bits, part / "copy", source_sha256=row.file_sha256)
            if header.numbers != row.accepted:
                raise ValueError(f"Copy {row.id} holds {header.numbers} numbers, not {row.accepted}.")
            file = f"{row.as_of:%Y%m%d}-{row.name}-{header.content_sha256[:16]}.dnc"
            building.publish(part / "copy", folder / file)
        imports.objects.using(alias).filter(id=row.id).update(
            file=file,
            content_sha256=header.content_sha256,
            numbers=header.numbers,
            activated_by=row.imported_by,
            activated_at=row.imported_at,
        )


def _batches(numbers) -> Iterator[list[int]]:
    batch = []
    for number in numbers.values_list("number", flat=True).iterator(chunk_size=BATCH):
        index = index_of(number)
        if index is None:
            raise ValueError(f"A stored registry number ending in {number[-4:]} is not of the US plan.")
        batch.append(index)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


class Migration(migrations.Migration):
    dependencies = [("compliance", "0004_registry_file_fields")]

    operations = [migrations.RunPython(numbers_to_files, migrations.RunPython.noop)]
