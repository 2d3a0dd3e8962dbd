#es Clasifica imágenes con la red completa. Necesita: pip install numpy onnxruntime pillow
#es Uso: python programa.py foto1.jpg foto2.png …
#en Classifies images with the whole network. It needs: pip install numpy onnxruntime pillow
#en Usage: python program.py photo1.jpg photo2.png …
import os
import sys

#es ONNX Runtime informa a su fabricante de cómo se usa, si no se le dice que no antes de importarlo.
#en ONNX Runtime tells its maker how it is used, unless it is told not to before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime
from PIL import Image

CLASSES = @CLASSES@
SIZE = @SIZE@

@PICTURE@


session = onnxruntime.InferenceSession(@FILE@, providers=["CPUExecutionProvider"])
paths, images = [], []
for path in sys.argv[1:] or sys.exit(f"python {sys.argv[0]} 1.jpg 2.png ..."):
    #es Un archivo que no se puede leer no detiene a los demás.
    #en A file that cannot be read does not stop the others.
    try:
        images.append(prepare(path, SIZE))
        paths.append(path)
    except Exception as error:
        print(f"{path}: {error}", file=sys.stderr)
images = np.stack(images) if images else sys.exit(1)
#es uint8, N x @SIZE@ x @SIZE@ x 3: el archivo escala los píxeles por sí mismo.
#en uint8, N x @SIZE@ x @SIZE@ x 3: the file scales the pixels itself.
probabilities = session.run(["probabilities"], {"image": images})[0]

#es Las probabilidades: N x @COUNT@, en el orden de CLASSES; las de cada imagen suman 1.
#en The probabilities: N x @COUNT@, in the order of CLASSES; each image's sum to 1.
for path, row in zip(paths, probabilities):
    best = int(row.argmax())
    print(f"{path}: {CLASSES[best]} {row[best]:.2%}")
