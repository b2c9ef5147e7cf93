"""The pack as a document for counsel."""

from evidence.pdf.document import write_pdf

__all__ = ["write_pdf"]
