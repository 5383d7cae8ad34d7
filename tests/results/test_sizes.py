from harness.results.sizes import size_of, total_size


def test_a_folder_is_as_large_as_its_files(tmp_path):
    folder = tmp_path / "a"
    (folder / "b").mkdir(parents=True)
    (folder / "one").write_bytes(b"x" * 10)
    (folder / "b" / "two").write_bytes(b"x" * 5)
    assert size_of(folder) == 15
    (folder / "b" / "link").symlink_to(tmp_path)
    assert 15 < size_of(folder) < 15 + 4096  # the link itself, not what it leads to
    assert size_of(tmp_path / "none") == 0
    assert total_size([folder / "one", folder / "b" / "two"]) == 15
