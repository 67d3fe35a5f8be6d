"""Optical character recognition: from page images and PDFs to text that knows its place.

`pages` turns a document into page images, `orientation` sets them upright, `tesseract` reads them, `recognition` does
so for many pages at once, `layout` keeps what was read, and `searchable_pdf` and `text_documents` write it down.
"""
