import os
import stat

import pytest

from engine.files import TEMPORARY_PREFIX, atomic_path, write_bytes, write_text


def left_over(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(TEMPORARY_PREFIX)]


@pytest.mark.parametrize("sync", [True, False])
def test_bytes_and_text_are_written_as_they_are(tmp_path, sync):
    write_bytes(tmp_path / "new" / "a.bin", b"\x00\r\n", sync=sync)
    write_text(tmp_path / "new" / "b.txt", "Zürich\r\n", sync=sync)
    assert (tmp_path / "new" / "a.bin").read_bytes() == b"\x00\r\n"
    assert (tmp_path / "new" / "b.txt").read_bytes() == "Zürich\r\n".encode()
    assert left_over(tmp_path / "new") == []


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "table.parquet"
    target.write_text("old")

    def interrupted():
        with atomic_path(target) as temporary:
            temporary.write_text("half")
            assert temporary.suffix == "" and temporary.parent == tmp_path
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_text() == "old"
    assert left_over(tmp_path) == []


def test_readers_see_the_old_file_until_the_new_one_is_whole(tmp_path):
    target = tmp_path / "x.json"
    target.write_text("old")
    with atomic_path(target) as temporary:
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"


def test_two_writers_at_once_do_not_share_a_name(tmp_path):
    with atomic_path(tmp_path / "x") as one, atomic_path(tmp_path / "x") as other:
        assert one != other
        one.write_text("1")
        other.write_text("2")
    assert (tmp_path / "x").read_text() == "1"


def test_a_missing_folder_is_created_only_where_that_is_wanted(tmp_path):
    def write():
        with atomic_path(tmp_path / "typo" / "x", create_folder=False) as temporary:
            temporary.write_text("y")

    with pytest.raises(FileNotFoundError):
        write()
    assert not (tmp_path / "typo").exists()


def test_a_name_as_long_as_the_system_allows_can_be_written(tmp_path):
    write_text(tmp_path / ("n" * 250 + ".txt"), "x")
    assert left_over(tmp_path) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user that may not write everywhere")
def test_a_folder_that_may_not_be_written_raises_an_operating_system_error(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(OSError, match="ermission"):
        write_text(tmp_path / "x", "y")
    tmp_path.chmod(stat.S_IRWXU)
