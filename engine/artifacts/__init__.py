"""Published files: weights, galleries and other data, with their records.

``catalog`` lists what exists and where, ``decide`` chooses what to do about a file, ``transport`` and ``download``
fetch it, ``verification`` hashes it, ``layout`` names paths. Other packages use ``store`` and ``bundles`` (a record
with what it needs) and open weights with ``weights``, which never runs a pickle. Importing this package imports neither
torch nor a network client.
"""
