"""Removing what was found: one algorithm over passages of text, and one module for each kind of file.

`document.py` says what every kind of file must be able to do (`Redaction`); `sweep.py` decides what goes; `docx.py`,
`pdf.py`, `image.py` and `text.py` know where text hides in their files, take it out and search their own result.
"""
