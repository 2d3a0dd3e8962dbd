#es Clasifica imágenes con la red completa. Necesita: pip install numpy onnxruntime pillow
#es Uso: python programa.py foto1.jpg foto2.png …
#en Classifies images with the whole network. It needs: pip install numpy onnxruntime pillow
#en Usage: python program.py photo1.jpg photo2.png …
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

CLASSES = @CLASSES@
SIZE = @SIZE@


def read(path):
    #es Derecha, sobre blanco donde es transparente, y solo el cuadrado del centro.
    #en Upright, on white where it is transparent, and its centre square only.
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    image = image.crop((left, top, left + side, top + side))
    return np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BILINEAR))


session = onnxruntime.InferenceSession(@FILE@, providers=["CPUExecutionProvider"])
paths = sys.argv[1:] or sys.exit(f"python {sys.argv[0]} 1.jpg 2.png ...")
images = np.stack([read(path) for path in paths])
#es uint8, N x @SIZE@ x @SIZE@ x 3: el fichero escala los píxeles por sí mismo.
#en uint8, N x @SIZE@ x @SIZE@ x 3: the file scales the pixels itself.
probabilities = session.run(["probabilities"], {"image": images})[0]

#es Las probabilidades: N x @COUNT@, en el orden de CLASSES; las de cada imagen suman 1.
#en The probabilities: N x @COUNT@, in the order of CLASSES; each image's sum to 1.
for path, row in zip(paths, probabilities):
    best = int(row.argmax())
    print(f"{path}: {CLASSES[best]} {row[best]:.2%}")
