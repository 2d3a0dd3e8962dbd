#es Clasifica atributos con la cabeza entrenada, solo con NumPy. Necesita: pip install numpy safetensors
#en Classifies features with the trained head, by NumPy alone. It needs: pip install numpy safetensors
import sys

import numpy as np
from safetensors.numpy import load_file

CLASSES = @CLASSES@

weights = load_file(@FILE@)


@FORWARD@


@INPUT@
#es De 256 en 256 imágenes: todas a la vez podrían no caber en la memoria.
#en 256 images at a time: all at once might not fit into the memory.
parts = [features[start:start + 256] for start in range(0, len(features), 256)]
probabilities = np.concatenate([classify(part) for part in parts])
@OUTPUT@
