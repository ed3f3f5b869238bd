import pytest
from PIL import Image


@pytest.fixture
def model(tmp_path):
    """A file that stands for the model's."""
    (tmp_path / "model").write_bytes(b"weights")
    return tmp_path / "model"


@pytest.fixture
def take():
    """A function that saves a picture as a camera does."""

    def save(path, color, seconds=None, camera="Trap 3"):
        exif = Image.Exif()
        if camera:
            exif[0x0110] = camera
        if seconds is not None:
            minute, second = divmod(seconds, 60)
            exif[0x0132] = f"2024:05:01 09:{minute:02}:{second:02}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), color).save(path, exif=exif)

    return save
