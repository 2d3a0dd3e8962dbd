#es Clasifica atributos con la cabeza entrenada. Necesita: pip install numpy onnxruntime
#en Classifies features with the trained head. It needs: pip install numpy onnxruntime
import os
import sys

#es ONNX Runtime informa a su fabricante de cómo se usa, si no se le dice que no antes de importarlo.
#en ONNX Runtime tells its maker how it is used, unless it is told not to before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

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
