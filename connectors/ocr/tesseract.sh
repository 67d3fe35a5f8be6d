#!/bin/sh
# How tesseract is started: with one OpenMP thread (more make it several times slower), and so that the kernel ends it
# together with the thread that waits for it, even when the worker is killed outright.
export OMP_THREAD_LIMIT=1
command -v setpriv >/dev/null && exec setpriv --pdeathsig KILL tesseract "$@"
exec tesseract "$@"
