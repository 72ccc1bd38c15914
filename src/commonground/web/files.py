"""A field for a file that may not be larger than so much; a browser with JavaScript says so before it sends the file."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise


class LimitedFileField(forms.FileField):
    """A file of at most `most` bytes; of a larger one only the size is looked at.

    too_large: what is said of a larger one, and what to do.
    """

    widget = forms.FileInput

    def __init__(self, *, most: int, too_large: str | Promise, **options: Any) -> None:
        self.most, self.too_large = most, too_large
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"data-most-bytes": self.most, "data-too-large": self.too_large}

    def clean(self, data: Any, initial: Any = None) -> Any:
        file: UploadedFile | None = super().clean(data, initial)
        if file and (file.size or 0) > self.most:
            raise forms.ValidationError(str(self.too_large))
        return file
