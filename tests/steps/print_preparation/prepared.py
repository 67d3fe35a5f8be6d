"""Documents made ready for printing, and what came of it."""

from pathlib import Path
from typing import Any

import pytest

from connectors.documents import media_types
from connectors.errors import Fault, PressroomError
from steps.print_preparation import PreparationLimits, PreparedFile, prepare_for_print


def prepared(path: Path, scratch: Path, *, pages: int = 2000, measures: bool = False) -> PreparedFile:
    scratch.mkdir(exist_ok=True)
    kind = media_types.media_type_of(path, path.name)
    return prepare_for_print(path, path.name, kind, scratch, PreparationLimits(pages, measures))


def refusal(path: Path, scratch: Path, **limits: Any) -> Fault:
    with pytest.raises(PressroomError) as refused:
        prepared(path, scratch, **limits)
    return refused.value.fault
