def dense(x):
    scores = x @ weights["dense_kernel"] + weights["dense_bias"]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


