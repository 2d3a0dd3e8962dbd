def classify(x):
    return dense(convolution(x).mean(axis=(1, 2)))
