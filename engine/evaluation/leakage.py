"""Photos that a set should not share with the photos that something was fitted on: same author, same image."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from engine.evaluation.manifest import Manifest

EXAMPLES = 5


def leakage_report(manifest: Manifest, hashes: Mapping[str, str]) -> dict[str, Any]:
    """Counts and a few examples of what two splits, or two photos of one split, share.

    Args:
        manifest: photos with authors and splits, where known.
        hashes: SHA-256 per id; ids without one are not compared.

    Returns:
        ``photos_with_author, photos_with_hash, authors_in_both_splits, test_photos_by_those_authors,
        images_in_both_splits, duplicate_images, examples, sentences``.
    """
    splits = manifest.split or ("",) * len(manifest)
    authors = manifest.author or ("",) * len(manifest)
    fit = [split == "fit" for split in splits]
    shared_authors = _of(authors, fit, True) & _of(authors, fit, False)
    digests = tuple(hashes.get(photo, "") for photo in manifest.ids)
    shared_images = _of(digests, fit, True) & _of(digests, fit, False)
    repeated = {text: n for text, n in Counter(filter(None, digests)).items() if n > 1}
    by_them = sum(not f and author in shared_authors for f, author in zip(fit, authors, strict=True))
    report: dict[str, Any] = {
        "photos_with_author": sum(bool(author) for author in authors),
        "photos_with_hash": sum(bool(digest) for digest in digests),
        "authors_in_both_splits": len(shared_authors),
        "test_photos_by_those_authors": by_them,
        "images_in_both_splits": len(shared_images),
        "duplicate_images": sum(n - 1 for n in repeated.values()),
        "examples": [
            [photo for photo, digest in zip(manifest.ids, digests, strict=True) if digest == text][:EXAMPLES]
            for text in sorted(repeated)[:EXAMPLES]
        ],
    }
    report["sentences"] = _sentences(report)
    return report


def _of(values: tuple[str, ...], fit: list[bool], wanted: bool) -> set[str]:
    return {value for value, here in zip(values, fit, strict=True) if value and here is wanted}


def _sentences(report: Mapping[str, Any]) -> list[str]:
    sentences = []
    if report["authors_in_both_splits"]:
        sentences.append(
            f"{report['test_photos_by_those_authors']} test photos are by {report['authors_in_both_splits']} authors "
            "who also took fit photos: figures flatter whatever was fitted."
        )
    if report["images_in_both_splits"]:
        sentences.append(f"{report['images_in_both_splits']} images are in both splits: remove them from one.")
    if report["duplicate_images"]:
        sentences.append(f"{report['duplicate_images']} photos repeat an image of the set under another id.")
    if not report["photos_with_author"]:
        sentences.append("The manifest names no author: photos of one author could not be recognised.")
    if not report["photos_with_hash"]:
        sentences.append("No photo file was read: equal images could not be detected.")
    return sentences
