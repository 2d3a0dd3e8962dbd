def classify(x):
    mean = x.mean(axis=(1, 2))
    length = np.linalg.norm(mean, axis=1, keepdims=True)
    unit = np.divide(mean, length, out=mean, where=length > 0)
    #es La similitud del coseno con cada imagen recordada; votan las @VOTERS@ más parecidas.
    #en The cosine similarity to each remembered image; the @VOTERS@ most similar ones vote.
    similarity = unit @ weights["examples"].astype(np.float32).T
    nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :@VOTERS@]
    #es Un voto más se reparte entre todas las clases.
    #en One more vote is split between all classes.
    votes = np.full((len(x), len(CLASSES)), 1 / len(CLASSES), np.float32)
    rows = np.arange(len(x))[:, None]
    np.add.at(votes, (rows, weights["labels"][nearest]), np.maximum(similarity[rows, nearest], 0))
    return votes / votes.sum(axis=1, keepdims=True)
