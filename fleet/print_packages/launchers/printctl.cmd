@echo off
rem printctl of this folder; the Python of PRINTCTL_PYTHON, else python.
setlocal
set "PYTHONPATH=%~dp0app;%~dp0lib"
set "PRINTCTL_PACKAGE=%~dp0"
if not defined PRINTCTL_PYTHON set "PRINTCTL_PYTHON=python"
"%PRINTCTL_PYTHON%" -P -m pressroom.workstation.commands %*
