"""The notebook's head in Keras, on the features of the CIFAR-10 subset: how far do runs scatter?

    pip install tensorflow-cpu onnxruntime pillow
    python3 benches/head_keras.py SUBSET.tar.gz BACKBONE.onnx [RUNS] [--seeded] [--save FEATURES.npz]

With `--seeded`, Keras' random numbers are seeded once a run, as one would for a run that can be
repeated. Keras 3.15 then takes the images in the same order in every epoch: the loss falls as it
does with an order drawn once by hand. Without, each epoch has an order of its own. `--save` keeps
the features for `cargo bench --bench head_runs`.
"""

import argparse
import os
import tarfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import keras
import numpy as np
import onnxruntime
from keras import layers, ops
from PIL import Image

EPOCHS = 12  # The best epoch of 50 is among the first ten.


class RMSprop(keras.optimizers.RMSprop):
    """As in Keras 2: epsilon is added to the root, not under it."""

    def update_step(self, gradient, variable, learning_rate):
        rate = ops.cast(learning_rate, variable.dtype)
        squares = self._velocities[self._get_variable_index(variable)]
        self.assign(squares, self.rho * squares + (1 - self.rho) * ops.square(gradient))
        self.assign_sub(variable, rate * gradient / (ops.sqrt(squares) + self.epsilon))


def batch(archive, name):
    file = archive.extractfile(f"cifar-10-batches-bin/{name}.bin")
    records = np.frombuffer(file.read(), np.uint8).reshape(-1, 3073)
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), records[:, 0]


def features(images, network):
    name = network.get_inputs()[0].name
    rows = []
    for image in images:
        large = np.asarray(Image.fromarray(image).resize((139, 139), Image.BILINEAR), np.float32)
        values = (large / 127.5 - 1).transpose(2, 0, 1)[None]
        rows.append(network.run(None, {name: np.ascontiguousarray(values)})[0][0])
    # Stored in float16, as the page does.
    return np.stack(rows).transpose(0, 2, 3, 1).astype(np.float16).astype(np.float32)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("subset")
    arguments.add_argument("backbone")
    arguments.add_argument("runs", nargs="?", type=int, default=6)
    arguments.add_argument("--seeded", action="store_true")
    arguments.add_argument("--save")
    options = arguments.parse_args()

    archive = tarfile.open(options.subset)
    network = onnxruntime.InferenceSession(options.backbone)
    batches = [batch(archive, f"data_batch_{number}") for number in range(1, 6)]
    x = features(np.concatenate([images for images, _ in batches]), network)
    y = np.concatenate([labels for _, labels in batches])
    test_images, test_labels = batch(archive, "test_batch")
    x_test = features(test_images, network)

    if options.save:
        halves = {"x": x.astype(np.float16).view(np.uint16), "x_test": x_test.astype(np.float16).view(np.uint16)}
        np.savez(options.save, y=y.astype(np.uint16), y_test=test_labels.astype(np.uint16), **halves)

    accuracies = []
    for run in range(1, options.runs + 1):
        if options.seeded:
            keras.utils.set_random_seed(run)
        model = keras.Sequential([
            keras.Input(x.shape[1:]),
            layers.Conv2D(100, 2),
            layers.Dropout(0.4),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ])
        model.compile(RMSprop(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
        keep_best = keras.callbacks.EarlyStopping("val_loss", patience=EPOCHS, restore_best_weights=True)
        history = model.fit(
            x, y, batch_size=50, epochs=EPOCHS, validation_split=0.2, verbose=0, callbacks=[keep_best]
        ).history
        best = int(np.argmin(history["val_loss"]))
        # Early stopping restores only where it stopped; the last epoch may be worse than the best.
        model.set_weights(keep_best.best_weights)
        answers = model.predict(x_test, batch_size=500, verbose=0).argmax(1)
        accuracies.append(float((answers == test_labels).mean()))
        losses = " ".join(f"{loss:.3f}" for loss in history["loss"][:6])
        print(
            f"run {run}: test accuracy {accuracies[-1]:.4f}, epoch {best + 1}, "
            f"val_loss {history['val_loss'][best]:.3f}; loss {losses}",
            flush=True,
        )
    print(f"mean {np.mean(accuracies):.4f}, standard deviation {np.std(accuracies, ddof=1):.4f}")


if __name__ == "__main__":
    main()
