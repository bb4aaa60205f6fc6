"""Pictures are served from the build's media folder, and nothing else is."""

import pytest

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def migrated_database_url(sqlite_template, tmp_path) -> str:
    (tmp_path / "shop.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def media(tmp_path):
    folder = tmp_path / "media"
    (folder / "tea").mkdir(parents=True)
    (folder / "tea" / "leaf.png").write_bytes(PNG)
    (folder / "tea" / "leaf.svg").write_text("<svg onload='alert(1)'/>")
    (folder / "notes.txt").write_text("internal")
    (folder / "page.html").write_text("<script>alert(1)</script>")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "shop.png").write_bytes(b"classified")
    (folder / "link.png").symlink_to(tmp_path / "secrets" / "shop.png")
    return folder


async def test_a_picture_has_its_type_and_may_be_kept(client, media):
    answer = await client.get("/media/tea/leaf.png")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["content-type"] == "image/png"
    assert "public" in answer.headers["cache-control"]
    again = await client.get(
        "/media/tea/leaf.png", headers={"if-none-match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_a_drawing_cannot_run_anything(client, media):
    answer = await client.get("/media/tea/leaf.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/media/../secrets/shop.png",
        "/media/%2e%2e/secrets/shop.png",
        "/media/..%2fsecrets/shop.png",
        "/media/tea/../../secrets/shop.png",
        "/media/tea/%2e%2e/%2e%2e/secrets/shop.png",
        "/media//etc/passwd",
        "/media/%2fetc%2fhostname.png",
        "/media/link.png",
        "/media/notes.txt",
        "/media/page.html",
        "/media/tea",
        "/media/",
        "/media/none.png",
        "/media/" + "a" * 300 + ".png",
    ],
)
async def test_nothing_else_is_served(client, media, path):
    answer = await client.get(path)
    assert answer.status_code in (400, 404)  # two slashes are refused at the door
    assert b"classified" not in answer.content
    assert answer.headers["content-type"] == "application/problem+json"
