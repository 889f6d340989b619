import hashlib
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.artifacts.digest import CHUNK_BYTES, Digest, digest_of
from engine.errors import ArtifactError


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_sha256_equals_hashlib(tmp_path, size):
    path = tmp_path / "f"
    path.write_bytes(b"x" * size)
    assert digest_of(path) == hashlib.sha256(b"x" * size).hexdigest()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is the oracle")
def test_git_sha1_equals_git(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b'{"a": 1}\n')
    oracle = subprocess.run(["git", "hash-object", str(path)], capture_output=True, text=True, check=True)
    assert digest_of(path, "git-sha1") == oracle.stdout.strip()


@given(st.binary(min_size=32, max_size=32))
def test_an_etag_of_64_digits_is_a_sha256(raw):
    for etag in (raw.hex(), f'"{raw.hex()}"', f'W/"{raw.hex().upper()}"'):
        assert Digest.from_etag(etag) == Digest("sha256", raw.hex())


@pytest.mark.parametrize("etag", [None, "", '"abc"', "z" * 64, "0" * 32])
def test_other_etags_state_no_digest(etag):
    assert Digest.from_etag(etag) is None


def test_an_unreadable_file_is_a_sentence(tmp_path):
    with pytest.raises(ArtifactError, match="cannot be read"):
        digest_of(tmp_path / "none")


def test_hashing_can_be_stopped(tmp_path):
    (tmp_path / "f").write_bytes(b"x")
    with pytest.raises(ArtifactError, match="stopped"):
        digest_of(tmp_path / "f", cancelled=lambda: True)
