#es Los atributos: un archivo .npz con un array de N x @HEIGHT@ x @WIDTH@ x @CHANNELS@, como el del cuaderno.
#en The features: an .npz file with an array of N x @HEIGHT@ x @WIDTH@ x @CHANNELS@, like the notebook's.
features = np.load(sys.argv[1] if len(sys.argv) > 1 else @FEATURES@)
features = features[features.files[0]].astype(np.float32)
