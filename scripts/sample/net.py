"""A small convolutional net in numpy: layers with their gradients, and their ONNX nodes. Arrays are N x H x W x C."""
import numpy as np


class Conv:
    """3x3 or 1x1 convolution without bias, padded to keep the size, then divided by the stride."""

    def __init__(self, random, inputs, outputs, kernel=3, stride=1):
        self.kernel, self.stride = kernel, stride
        scale = np.sqrt(2 / (kernel * kernel * inputs))
        self.weight = random.normal(0, scale, (kernel, kernel, inputs, outputs)).astype(np.float32)

    def forward(self, x, train):
        self.shape, pad = x.shape, self.kernel // 2
        x = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
        self.padded = x.shape
        high, wide = self.shape[1] // self.stride, self.shape[2] // self.stride
        self.columns = np.concatenate([x[:, a:a + high * self.stride:self.stride, b:b + wide * self.stride:self.stride]
                                       for a in range(self.kernel) for b in range(self.kernel)], 3)
        return self.columns @ self.weight.reshape(-1, self.weight.shape[3])

    def backward(self, g):
        flat = g.reshape(-1, g.shape[3])
        self.gradient = (self.columns.reshape(len(flat), -1).T @ flat).reshape(self.weight.shape)
        columns = g @ self.weight.reshape(-1, g.shape[3]).T
        x, n, k = np.zeros(self.padded, np.float32), self.shape[3], 0
        for a in range(self.kernel):
            for b in range(self.kernel):
                rows, cols = (slice(at, at + n_out * self.stride, self.stride)
                              for at, n_out in ((a, g.shape[1]), (b, g.shape[2])))
                x[:, rows, cols] += columns[..., k:k + n]
                k += n
        pad = self.kernel // 2
        return x[:, pad:x.shape[1] - pad, pad:x.shape[2] - pad]

    def parameters(self):
        return [("weight", "gradient", True)]

    def export(self, graph, x):
        pad = self.kernel // 2
        weight = graph.constant(self.weight.transpose(3, 2, 0, 1))
        return graph.node("Conv", [x, weight], kernel_shape=[self.kernel] * 2, strides=[self.stride] * 2, pads=[pad] * 4)


class Depthwise:
    """3x3 convolution of each channel by itself."""

    def __init__(self, random, channels, stride=1):
        self.stride = stride
        self.weight = random.normal(0, np.sqrt(2 / 9), (3, 3, channels)).astype(np.float32)

    def taps(self, high, wide):
        for a in range(3):
            for b in range(3):
                yield a, b, (slice(None), slice(a, a + high * self.stride, self.stride),
                             slice(b, b + wide * self.stride, self.stride))

    def forward(self, x, train):
        self.x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        taps = self.taps(x.shape[1] // self.stride, x.shape[2] // self.stride)
        return sum(self.x[at] * self.weight[a, b] for a, b, at in taps)

    def backward(self, g):
        self.gradient, x = np.zeros_like(self.weight), np.zeros_like(self.x)
        for a, b, at in self.taps(g.shape[1], g.shape[2]):
            self.gradient[a, b] = (self.x[at] * g).sum((0, 1, 2))
            x[at] += g * self.weight[a, b]
        return x[:, 1:-1, 1:-1]

    def parameters(self):
        return [("weight", "gradient", True)]

    def export(self, graph, x):
        return graph.node("Conv", [x, graph.constant(self.weight.transpose(2, 0, 1)[:, None])], kernel_shape=[3, 3],
                          strides=[self.stride] * 2, pads=[1] * 4, group=self.weight.shape[2])


class BatchNorm:
    EPSILON = 1e-5

    def __init__(self, channels):
        self.scale, self.bias = np.ones(channels, np.float32), np.zeros(channels, np.float32)
        self.mean, self.variance = np.zeros(channels, np.float32), np.ones(channels, np.float32)

    def forward(self, x, train):
        if not train:
            return (x - self.mean) * (self.scale / np.sqrt(self.variance + self.EPSILON)) + self.bias
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        self.mean += 0.1 * (mean - self.mean)
        self.variance += 0.1 * (variance - self.variance)
        self.deviation = np.sqrt(variance + self.EPSILON)
        self.normal = (x - mean) / self.deviation
        return self.normal * self.scale + self.bias

    def backward(self, g):
        self.scale_gradient, self.bias_gradient = (g * self.normal).sum((0, 1, 2)), g.sum((0, 1, 2))
        count = g.size // g.shape[3]
        centred = g - self.bias_gradient / count - self.normal * (self.scale_gradient / count)
        return (self.scale / self.deviation) * centred

    def parameters(self):
        return [("scale", "scale_gradient", False), ("bias", "bias_gradient", False)]

    def export(self, graph, x):
        constants = [graph.constant(v) for v in (self.scale, self.bias, self.mean, self.variance)]
        return graph.node("BatchNormalization", [x] + constants, epsilon=self.EPSILON)


class Relu:
    def forward(self, x, train):
        self.on = x > 0
        return x * self.on

    def backward(self, g):
        return g * self.on

    def parameters(self):
        return []

    def export(self, graph, x):
        return graph.node("Relu", [x])


class Residual:
    """Layers whose result is added to what went in."""

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x, train):
        y = x
        for layer in self.layers:
            y = layer.forward(y, train)
        return x + y

    def backward(self, g):
        inner = g
        for layer in reversed(self.layers):
            inner = layer.backward(inner)
        return g + inner

    def parameters(self):
        return []

    def export(self, graph, x):
        y = x
        for layer in self.layers:
            y = layer.export(graph, y)
        return graph.node("Add", [y, x])


class Classifier:
    """Mean over the image, then one linear layer."""

    def __init__(self, random, channels, classes):
        self.weight = random.normal(0, np.sqrt(1 / channels), (channels, classes)).astype(np.float32)
        self.bias = np.zeros(classes, np.float32)

    def forward(self, x, train):
        self.shape, self.pooled = x.shape, x.mean((1, 2))
        return self.pooled @ self.weight + self.bias

    def backward(self, g):
        self.gradient, self.bias_gradient = self.pooled.T @ g, g.sum(0)
        area = self.shape[1] * self.shape[2]
        return np.broadcast_to((g @ self.weight.T / np.float32(area))[:, None, None], self.shape)

    def parameters(self):
        return [("weight", "gradient", True), ("bias", "bias_gradient", False)]

    def export(self, graph, x):
        flat = graph.node("Flatten", [graph.node("GlobalAveragePool", [x])])
        return graph.node("Gemm", [flat, graph.constant(self.weight), graph.constant(self.bias)])


class Net:
    """A list of layers, trained by SGD with momentum on the cross entropy."""

    def __init__(self, layers):
        self.layers = layers
        every = [part for layer in layers for part in [layer, *getattr(layer, "layers", [])]]
        self.parameters = [(layer, *names) for layer in every for names in layer.parameters()]
        self.speed = [np.zeros_like(getattr(layer, value)) for layer, value, _, _ in self.parameters]

    def forward(self, x, train=False):
        for layer in self.layers:
            x = layer.forward(x, train)
        return x

    def step(self, x, labels, rate):
        """One update; the mean loss before it. Targets are smoothed by 0.05."""
        logits = self.forward(x, True)
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        target = np.full_like(p, 0.05 / p.shape[1])
        target[np.arange(len(x)), labels] += 0.95
        g = (p - target) / np.float32(len(x))
        for layer in reversed(self.layers):
            g = layer.backward(g)
        for k, (layer, value, gradient, decays) in enumerate(self.parameters):
            parameter = getattr(layer, value)
            self.speed[k] = 0.9 * self.speed[k] + getattr(layer, gradient) + (5e-4 * parameter if decays else 0)
            parameter -= np.float32(rate) * self.speed[k].astype(np.float32)
        return float(-(target * np.log(np.maximum(p, 1e-12))).sum(1).mean())

    def accuracy(self, images, labels):
        guess = [self.forward(images[i:i + 250]).argmax(1) for i in range(0, len(images), 250)]
        return (np.concatenate(guess) == labels).mean()
