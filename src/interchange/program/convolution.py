def convolution(x):
    #es Ventanas de 2 x 2 sin relleno; el núcleo es filtros x (2 x 2 x canales).
    #en Windows of 2 x 2 without padding; the kernel is filters x (2 x 2 x channels).
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(1, 2))
    windows = windows.transpose(0, 1, 2, 4, 5, 3).reshape(*windows.shape[:3], -1)
    return windows @ weights["kernel"].T + weights["bias"]


