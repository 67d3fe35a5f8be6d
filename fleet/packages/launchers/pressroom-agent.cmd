@echo off
rem The Pressroom agent of this folder; the Python of PRESSROOM_PYTHON, else python.
setlocal
set "PYTHONPATH=%~dp0app;%~dp0lib"
set "PRESSROOM_PORTAL_FILE=%~dp0portal.json"
if not defined PRESSROOM_PYTHON set "PRESSROOM_PYTHON=python"
"%PRESSROOM_PYTHON%" -P -m pressroom.agent %*
