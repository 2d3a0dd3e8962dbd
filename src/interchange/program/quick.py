def classify(x):
    return dense(norm(x.mean(axis=(1, 2))))
