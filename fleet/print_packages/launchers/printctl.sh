#!/bin/sh
# printctl of this folder; the Python of PRINTCTL_PYTHON, else python3. The configuration beside it is taken over at first use.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
export PYTHONPATH="$here/app:$here/lib" PRINTCTL_PACKAGE="$here"
exec "${PRINTCTL_PYTHON:-python3}" -P -m pressroom.workstation.commands "$@"
