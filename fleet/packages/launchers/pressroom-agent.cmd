@echo off
rem The Pressroom agent of this folder; the Python of AGENT_PYTHON, else python.
setlocal
set "PYTHONPATH=%~dp0app;%~dp0lib"
if not defined AGENT_PYTHON set "AGENT_PYTHON=python"
"%AGENT_PYTHON%" -P -m pressroom.agent %*
