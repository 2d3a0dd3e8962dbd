"""Seconds that Keras takes for an epoch of the notebook's head, on features that nobody computed.

    python3 benches/keras_epoch.py IMAGES [EPOCHS]

needs `pip install tensorflow-cpu`. The features are those of `bench_page::Features`, float16 in the
page's store, which Keras is given in float32 and in memory. A fifth of the images is validated. Prints
the median epoch; the first one, in which Keras prepares itself, does not count.
"""

import os
import statistics
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
from keras import layers

SHAPE = (3, 3, 2048)
CLASSES = 10


def features(images):
    values = np.arange(images * np.prod(SHAPE), dtype=np.uint64).astype(np.uint32)
    return ((values * np.uint32(2654435769)) >> np.uint32(21)).astype(np.float32).reshape(images, *SHAPE) / 2048


class Clock(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.begun = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.begun)


def main():
    images = int(sys.argv[1])
    epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    x, y = features(images), np.arange(images) % CLASSES
    model = keras.Sequential([
        layers.Input(SHAPE),
        layers.Conv2D(100, 2),
        layers.Dropout(0.4),
        layers.GlobalAveragePooling2D(),
        layers.Dropout(0.3),
        layers.Dense(CLASSES, activation="softmax"),
    ])
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    clock = Clock()
    targets = keras.utils.to_categorical(y, CLASSES)
    model.fit(x, targets, batch_size=50, epochs=epochs, validation_split=0.2, verbose=0, callbacks=[clock])
    print(statistics.median(clock.seconds[1:]))


main()
