"""What leaves an archive: tables, records, sidecars and label tasks that other tools open.

Every format starts from the same items (items.py): a photo's record and what people said of its marks. What no person
has confirmed leaves only when asked for, and says so. Photos are opened for reading only; what is written appears whole
or not at all.
"""
