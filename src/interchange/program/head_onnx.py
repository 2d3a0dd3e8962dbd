#es Clasifica atributos con la cabeza entrenada. Necesita: pip install numpy onnxruntime
#en Classifies features with the trained head. It needs: pip install numpy onnxruntime
import sys

import numpy as np
import onnxruntime

CLASSES = @CLASSES@

@INPUT@
session = onnxruntime.InferenceSession(@FILE@, providers=["CPUExecutionProvider"])
#es De 256 en 256 imágenes: todas a la vez podrían no caber en la memoria.
#en 256 images at a time: all at once might not fit into the memory.
parts = [features[start:start + 256] for start in range(0, len(features), 256)]
probabilities = np.concatenate([session.run(["probabilities"], {"features": part})[0] for part in parts])
@OUTPUT@
