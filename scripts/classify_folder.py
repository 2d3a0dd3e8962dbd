#!/usr/bin/env python3
"""Classifies every picture of a folder with an exported classifier: ONNX Runtime under Ray Data.

    pip install onnxruntime pillow "ray[data]"
    python classify_folder.py classifier.onnx FOLDER answers.csv --workers 2

docs/scale.md tells how to run it on one machine and on many, and how fast it is.

FOLDER is looked into to its deepest folder. It is a path, or an address that pyarrow's file systems
know, such as s3://bucket/folder. Every file in it gets a row, in the order of the paths: `path`, seen
from FOLDER; `error`, empty, or why there is no answer; `class`, the most probable one; then a column
for each class with its probability.
"""

import os

# Both tell their makers how they are used unless told not to, before they are imported.
SILENT = {"RAY_USAGE_STATS_ENABLED": "0", "ORT_DISABLE_TELEMETRY": "1"}
os.environ.update(SILENT)

import argparse
import csv
import io
import json
import logging
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import ray
from PIL import Image, UnidentifiedImageError
from pyarrow import fs
from ray.data import ActorPoolStrategy, DataContext

# What the page keeps of a picture, and how many frames and pixels are looked at, at the most.
KEPT = 331
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP"]
ANIMATED = ["PNG", "WEBP", "GIF"]
MOST_FRAMES = 100
MOST_PIXELS = 200_000_000
TURNS = [None, None, "FLIP_LEFT_RIGHT", "ROTATE_180", "FLIP_TOP_BOTTOM"]
TURNS += ["TRANSPOSE", "ROTATE_270", "TRANSVERSE", "ROTATE_90"]


def orientation(image):
    # EXIF data alone count, as in browsers.
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        return TURNS[exif.get(0x0112, 1)]
    except Exception:
        return None


def square(image):
    # The centre square, on white where it is transparent, reduced.
    bmp = image.format == "BMP"
    if image.mode.startswith("I"):
        # Grey of 16 bits: the upper eight count.
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if bmp and image.mode == "RGBA" and image.getchannel("A").getextrema()[1] == 0:
        # Nothing would be seen: that is no transparency.
        image = image.convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    image = image.convert("RGBA").crop((left, top, left + side, top + side))
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image if side <= KEPT else image.resize((KEPT, KEPT), Image.Resampling.BILINEAR)


def picture(file):
    # Pillow refuses large photos before it knows that they are read at a reduced scale.
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(file, formats=FORMATS) as image:
        turn = orientation(image)
        # A JPEG photo is read at the smallest scale that leaves twice what is kept.
        image.draft("RGB", (2 * KEPT, 2 * KEPT))
        if image.width * image.height > MOST_PIXELS:
            raise ValueError(f"the image has {image.width}x{image.height} pixels, more than can be read here")
        kept = None
        # Of an animation, the first frame that is not of one colour.
        for number in range(MOST_FRAMES if image.format in ANIMATED else 1):
            try:
                image.seek(number)
            except EOFError:
                break
            frame = square(image)
            kept = kept or frame
            if any(low < high for low, high in frame.getextrema()):
                kept = frame
                break
    return kept.transpose(Image.Transpose[turn]) if turn else kept


def prepare(file, size):
    return np.asarray(picture(file).resize((size, size), Image.Resampling.BILINEAR))


# A larger file is no picture that the page reads, and might not fit into the memory.
MOST_FILE_BYTES = 200_000_000


def read(file_system, path, size):
    """The picture as uint8, size x size x 3."""
    with file_system.open_input_file(path) as file:
        if file.size() > MOST_FILE_BYTES:
            raise ValueError(f"a file of {file.size()} bytes is no picture that can be read here")
        content = io.BytesIO(file.read())
    return prepare(content, size)


def open_session(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def describe(session):
    """The height and width of a classifier's input, and its classes' names."""
    (given,), (made,) = session.get_inputs(), session.get_outputs()
    if (given.name, given.type, made.name) != ("image", "tensor(uint8)", "probabilities"):
        raise ValueError(f"it makes {made.name} of {given.name}, not probabilities of images")
    return given.shape[1], json.loads(session.get_modelmeta().custom_metadata_map["classes"])


class Classifier:
    """What a worker keeps: the network, loaded once."""

    def __init__(self, model, file_system, root, threads):
        self.session = open_session(ray.get(model), threads)
        self.size, self.classes = describe(self.session)
        self.file_system, self.root = file_system, root
        # Two pictures for each thread of the network: one is read while another is decoded.
        self.readers = ThreadPoolExecutor(2 * threads)

    def picture(self, path):
        """The picture and no error, or the reverse."""
        try:
            return read(self.file_system, f"{self.root}/{path}", self.size), ""
        except UnidentifiedImageError:
            return None, f"no picture of a kind that can be read here: {', '.join(FORMATS)}"
        except Exception as error:  # Pillow raises almost any for a damaged file.
            return None, str(error) or type(error).__name__

    def __call__(self, batch):
        found = list(self.readers.map(self.picture, batch["path"]))
        pictures = [picture for picture, error in found if not error]
        probabilities = np.full((len(found), len(self.classes)), np.nan, np.float32)
        if pictures:
            good = np.array([not error for _, error in found])
            probabilities[good] = self.session.run(["probabilities"], {"image": np.stack(pictures)})[0]
        errors = np.array([error for _, error in found], object)
        return {"path": batch["path"], "error": errors, "probabilities": probabilities}


def stop(why):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {why}")


def count(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number from 1 on")
    return int(text)


def files_in(folder):
    """The file system of a folder, its path there, and the files' paths seen from it, sorted."""
    if "://" in folder:
        file_system, root = fs.FileSystem.from_uri(folder)
    else:
        file_system, root = fs.LocalFileSystem(), os.path.abspath(folder)
    root = root.rstrip("/")
    # Ray's own readers would leave out names that begin with `_` or `.`, as some cameras' do.
    found = file_system.get_file_info(fs.FileSelector(root, recursive=True))
    return file_system, root, sorted(file.path[len(root) + 1 :] for file in found if file.is_file)


def threads_each(machines, workers):
    """The most processors that each of so many workers can have, 0 where there are too few for them."""
    fits = [n for n in range(1, max(machines) + 1) if sum(machine // n for machine in machines) >= workers]
    return max(fits, default=0)


def part_of(output):
    return output + ".part"


def write(rows, classes, output):
    """Writes the rows as they come; how many there are, and how many of them have an error."""
    pictures = failed = 0
    with open(part_of(output), "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["path", "error", "class", *classes])
        for batch in rows:
            for path, error, row in zip(batch["path"], batch["error"], batch["probabilities"]):
                pictures += 1
                failed += bool(error)
                answer = ["", *[""] * len(row)] if error else [classes[int(row.argmax())], *row]
                table.writerow([path, error, *answer])
    # Only what is whole has the name that was asked for.
    os.replace(part_of(output), output)
    return pictures, failed


def main():
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_written)
    parser.add_argument("model", help="the classifier, an ONNX file that the page exported")
    parser.add_argument("folder", help="the pictures")
    parser.add_argument("output", help="the CSV file to be written, on the machine that runs this")
    parser.add_argument("--workers", type=count, help="processes that classify; one for each processor")
    parser.add_argument("--batch", type=count, default=32, help="pictures that a worker takes at once")
    parser.add_argument("--address", default="local", help="a Ray cluster's, `auto` on one of its machines")
    given = parser.parse_args()

    try:
        with open(given.model, "rb") as file:
            model = file.read()
        _, classes = describe(open_session(model, 1))
    except Exception as error:  # ONNX Runtime has errors of its own.
        stop(f"{given.model} is no classifier that the page exported: {error}")
    try:
        file_system, root, paths = files_in(given.folder)
    except (OSError, ValueError) as error:
        stop(f"the folder {given.folder} cannot be read: {error}")
    if not paths:
        stop(f"there is no file in {given.folder}")

    try:
        open(part_of(given.output), "w").close()
    except OSError as error:
        stop(f"{given.output} cannot be written: {error}")

    # The workers are told to be silent too, whichever machine they are on.
    options = {"runtime_env": {"env_vars": SILENT}, "log_to_driver": False, "logging_level": "error"}
    if given.address == "local":
        options["include_dashboard"] = False
        if isinstance(file_system, fs.LocalFileSystem):
            # Even so Ray asks by http which cloud it is in. Nobody is asked by a proxy that is not there.
            os.environ["http_proxy"] = "http://127.0.0.1:9"
    try:
        ray.init(given.address, **options)
    except Exception as error:  # Ray raises just that where it could not start in time.
        stop(f"Ray cannot be used at the address {given.address}: {error}")
    machines = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    workers = given.workers or sum(machines)
    threads = threads_each(machines, workers)
    if not threads:
        stop(f"there is no room for {workers} workers: Ray's machines have {sum(machines)} processors")
    DataContext.get_current().execution_options.preserve_order = True
    logging.getLogger("ray.data").setLevel(logging.WARNING)

    began = time.monotonic()
    blocks = -(-len(paths) // given.batch)
    answers = ray.data.from_items([{"path": path} for path in paths], override_num_blocks=blocks).map_batches(
        Classifier,
        # The bytes, not the path: the file need not lie on the other machines.
        fn_constructor_args=(ray.put(model), file_system, root, threads),
        compute=ActorPoolStrategy(size=workers),
        batch_size=given.batch,
        num_cpus=threads,
    )
    rows = answers.iter_batches(batch_size=None, batch_format="numpy")
    try:
        pictures, failed = write(rows, classes, given.output)
    except (ray.exceptions.RayError, OSError) as error:
        why = str(error).strip().splitlines()[-1]
        stop(f"the run broke off: {why}; the rows until then are in {part_of(given.output)}")
    seconds = time.monotonic() - began
    speed = pictures / seconds
    print(f"{pictures} files in {seconds:.1f} s, {speed:.1f} a second; {failed} without an answer")


if __name__ == "__main__":
    main()
