"""Takes an upload into the temporary folder while it arrives, and not a byte more than may be kept."""

from typing import Any

from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from commonground.apps.intake import receiving

# Of a file that is too large so much is still read and thrown away: a browser shows no answer before it has sent everything.
THROWN_AWAY_BYTES = 1 << 30


class LimitedUpload(TemporaryFileUploadHandler):
    """Spools a file up to `receiving.LARGEST_FILE_BYTES`. One that is larger comes out empty, with the size that was sent.

    The form then says what is wrong by that size. A sender that goes on and on is cut off.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        size, most = start + len(raw_data), receiving.LARGEST_FILE_BYTES
        if size > most + THROWN_AWAY_BYTES:
            raise StopUpload(connection_reset=True)
        if size <= most:
            super().receive_data_chunk(raw_data, start)
        elif start <= most:
            self._empty()

    def _empty(self) -> None:
        """Give the room back at once."""
        file: Any = self.file
        file.seek(0)
        file.truncate()
