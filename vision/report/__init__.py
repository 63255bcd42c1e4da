"""One photo's sheet: content.py says what stands on it, sheet.py draws it as HTML, picture.py as a picture."""
