#es Clasifica atributos con la cabeza entrenada, en Keras 3. Necesita: pip install keras
#es y uno de sus motores: pip install tensorflow, jax o torch.
#en Classifies features with the trained head, in Keras 3. It needs: pip install keras
#en and one of its engines: pip install tensorflow, jax or torch.
import sys

import keras
import numpy as np

CLASSES = @CLASSES@

#es El modelo con el que se entrenó; los pesos se encuentran por la clase y el orden de sus capas.
#en The model that was trained; weights are found by the class and the order of its layers.
model = keras.Sequential([
    keras.Input((@HEIGHT@, @WIDTH@, @CHANNELS@)),
@LAYERS@
    keras.layers.Dense(@COUNT@, activation="softmax"),
])
model.load_weights(@FILE@)

@INPUT@
probabilities = model.predict(features, batch_size=256, verbose=0)
@OUTPUT@
