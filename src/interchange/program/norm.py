def norm(x):
    #es Normalización por lotes con sus estadísticas móviles.
    #en Batch norm with its moving statistics.
    factor = weights["gamma"] / np.sqrt(weights["moving_variance"] + np.float32(@EPSILON@))
    return (x - weights["moving_mean"]) * factor + weights["beta"]


