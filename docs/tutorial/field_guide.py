# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From a folder of pictures to a file for the phone
#
# You have a folder of pictures of things that look alike. At the end of this
# page you have a file that names them on a phone, and you know how often it is
# right. Every step below runs in a few minutes on two cores, without a network.
#
# The pictures are drawn: a field guide of twelve invented birds. To use your
# own, skip the first cell and give your folder in place of `photos`. It needs a
# folder for each class: `photos/chiffchaff/1.jpg`, `photos/wren/1.jpg` and so
# on.

# %%
import logging
import os
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERASFG_CACHE"] = tempfile.mkdtemp()
logging.disable(logging.WARNING)  # TensorFlow says much
os.chdir(tempfile.mkdtemp())

from kerasfg.data import field_guide

birds = field_guide(images_per_class=60)
for index, name in enumerate(birds.names):
    file = Path("photos", name).with_suffix(".png")
    file.parent.mkdir(parents=True, exist_ok=True)
    birds.read(index).save(file)

classes = sorted(folder.name for folder in Path("photos").iterdir())
print(len(birds.names), "pictures of", len(classes), "classes:")
print(", ".join(classes))

# %% [markdown]
# ## Look at the pictures
#
# Above a picture of each class as it was taken, below what the network gets of
# it: 32 × 32 pixels. Can you still tell them apart? If you cannot, the network
# may still do so, but not well.

# %% alt="Above six drawn birds in a landscape, below the same pictures of 32 by 32 pixels, enlarged."
from IPython.display import display
from PIL import Image

from kerasfg.data import decode_image
from kerasfg.data import shrink

SIZE, SHOWN = 32, 160
sheet = Image.new("RGB", (6 * SHOWN, 2 * SHOWN), "white")
for column, name in enumerate(classes[::2]):
    picture = decode_image(sorted(Path("photos", name).iterdir())[0])
    large, small = (
        Image.fromarray(shrink(picture, side)) for side in (SHOWN, SIZE)
    )
    sheet.paste(large, (column * SHOWN, 0))
    sheet.paste(
        small.resize(large.size, Image.NEAREST), (column * SHOWN, SHOWN)
    )
display(sheet)

# %% [markdown]
# Before you train on pictures of your own, `kerasfg inspect photos` finds
# copies, broken files and labels that look wrong.
#
# ## Train
#
# A recipe holds every setting of a training. We change a few: small pictures,
# few epochs, and the attention of the first paper, so that the network can show
# where it looks. At the command line this is
# `kerasfg train --data photos --image-size 32 --attention --out run`.

# %%
import kerasfg

recipe = kerasfg.Recipe().with_options(
    data="photos",
    image_size=SIZE,
    output_stride=8,
    attention=True,
    epochs=8,
    batch_size=32,
    optimizer="adamw",
    learning_rate=0.001,
)
report = kerasfg.train(recipe, "run", verbose=False)
print(sorted(file.name for file in Path("run").iterdir()))

# %% [markdown]
# The pictures were divided once: 60 % for training, 15 % for validation and 25 %
# for the test. Only the test pictures tell how good the network is, since it
# has never seen them.

# %% alt="Accuracy and loss of each epoch, of the training and of the validation pictures."
display(Image.open("run/history.png"))

# %% [markdown]
# ## How good is it?

# %%
test = report["test"]
low, high = test["top_1_interval"]
print(f"{test['top_1']:.1%} of {test['n']} test pictures are named right")
print(f"95 % interval: {low:.1%} to {high:.1%}")
print(f"the right name is among the best three: {test['top_3']:.1%}")

for row in sorted(test["per_class"], key=lambda row: row["accuracy"])[:3]:
    print(f"{row['class']}: {row['accuracy']:.0%} of {row['n']}")

# %% [markdown]
# With so few test pictures the interval is wide. `kerasfg train --folds 5` would
# test every picture once.
#
# Which birds are taken for which?

# %% alt="A table of the true classes by the predicted ones; most pictures lie on the diagonal."
display(Image.open("run/confusion.png"))

# %% [markdown]
# The surest mistakes, as the network saw them. On pictures of your own this is
# where wrong labels come to light.

# %% alt="Small test pictures with the name that was given, the true name and the probability."
display(Image.open("run/mistakes.png"))

# %% [markdown]
# ## Where it is not sure
#
# A probability should mean what it says: of the answers given with 80 %, eight
# in ten should be right. A temperature, fitted on the validation pictures, sees
# to that. The answers below a threshold are shown as "not sure"; it is fitted so
# that nine in ten of the others are right.

# %% alt="Share of right answers by the confidence they were given with, before and after the temperature."
print(f"calibration error: {test['calibration']['error']:.1%}")
print(f"with temperature: {test['calibration']['error_after_temperature']:.1%}")
print(f"not sure below {report['threshold']:.1%}")
if test["sure"]["n"]:
    sure = test["sure"]
    print(
        f"sure: {sure['coverage']:.0%}, of them right: {sure['accuracy']:.0%}"
    )
display(Image.open("run/reliability.png"))

# %% [markdown]
# ## From how far away?
#
# A bird at twice the distance has half the pixels on each side. The test
# pictures are shrunk to fewer pixels first, then named.

# %% alt="Accuracy by the number of pixels on a side, from 8 to 32."
from kerasfg.run import TrainedRun

trained = TrainedRun("run", verbose=False)
curve = trained.resolution_curve([8, 12, 16, 24, 32])
trained.evaluate(resolutions=curve)
for row in curve:
    print(f"{row['resolution']:3} pixels: {row['top_1']:.1%}")
display(Image.open("run/resolutions.png"))

# %% [markdown]
# `kerasfg distance run --object-size 0.12 --photo photo.jpg` says the same in
# metres, for your camera.
#
# ## Where does it look?
#
# The attention is brighter where the network takes more of its features from.
# The numbers under each picture are the lowest and the highest weight: after so
# short a training they differ little.

# %% alt="Test pictures, and beside each the places in it that the network attends to."
display(Image.open(trained.plot_attention()))

# %% [markdown]
# `kerasfg predict run photo.jpg --why` writes a page with the place that speaks
# for the answer and the three most similar training pictures.
#
# ## Export for the phone
#
# Each file is run in its own runtime on the test pictures and compared with
# Keras. A file that differs too much is left out, with the reason.

# %%
from kerasfg.run.exportable import exportable

exported = exportable("run", verbose=False).export(
    "run/export", formats=("tflite",), variants=("int8",), measure=True
)
for row in exported.rows:
    if row["file"] in exported.manifest["files"]:
        size, right = row["bytes"] / 1e6, row["accuracy"]
        print(f"{row['file']:28} {size:5.1f} MB   {right:.1%} right")
print("take", exported.recommended)

# %% [markdown]
# ## Name a picture
#
# With the exported file, as the phone does it. This needs neither Keras nor
# TensorFlow.

# %%
from kerasfg.evaluation.answer import describe
from kerasfg.run import load_predictor

row = trained.splits.tolist().index("test")
photo = Path("photos", trained.pixels.names[row])
predictor = load_predictor(Path("run/export", exported.recommended))
print(describe(predictor.predict(photo)))

# %% [markdown]
# ## Share it
#
# The run and the export each hold a model card, `README.md`: what the model was
# trained on, how good it is by class, and what it is not for. `kerasfg push`
# uploads both, without your pictures; a dry run says what would be uploaded.

# %%
from kerasfg.run.push import push

card = Path("run/README.md").read_text("utf-8")
print(card.split("## Accuracy\n")[1].split("\n## ")[0])
for file in push("run/export", "hf://ann/birds", dry_run=True)["files"]:
    print(f"{file['bytes']:>10,} bytes  {file['name']}")

# %% [markdown]
# ## What next?
#
# - A name in the browser of your phone: `kerasfg phone run/export --out app
#   --serve`.
# - Better: more pictures, `--effort best`, or a table of what the classes are
#   like (`--attributes`).
# - In an app of your own: the guides for Android, iOS, Flutter and others.
