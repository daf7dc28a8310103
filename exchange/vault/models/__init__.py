"""What the vault keeps: content, uploads on their way, files and the tables read from them."""

from exchange.vault.models.content import Blob, Storage
from exchange.vault.models.files import DataFile, DataTable
from exchange.vault.models.uploads import Upload

__all__ = ["Blob", "DataFile", "DataTable", "Storage", "Upload"]
