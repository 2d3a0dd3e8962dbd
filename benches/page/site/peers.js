// The engines that one would take otherwise, onnxruntime-web and TensorFlow.js, with the product's network. They
// run on this page's thread and on those that they start themselves.

// Memories that WebAssembly programs have made or been given on this thread.
const memories = new Set();
const remember = (instance) => {
  for (const value of Object.values(instance.exports)) if (value instanceof WebAssembly.Memory) memories.add(value);
};
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(Memory, given) {
    const memory = new Memory(...given);
    memories.add(memory);
    return memory;
  },
});
for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const made = await original.apply(WebAssembly, given);
    remember(made.instance ?? made);
    return made;
  };
}

const peers = new URL("./peers/", location.href).href;
const file = async (name) => {
  const answer = await fetch(peers + name);
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer;
};
const script = (name) =>
  new Promise((resolve, reject) => {
    const element = document.createElement("script");
    Object.assign(element, { src: peers + name, onload: resolve, onerror: () => reject(new Error(name)) });
    document.head.append(element);
  });

const SIDE = 32;
// The product's synthetic image of this number: see benches/page/src/lib.rs.
const hash = (index) => Math.imul(index, 2654435769) >>> 21;
const image = (number) => {
  const pixels = new Uint8Array(SIDE * SIDE * 3).map((_, at) => hash(at));
  pixels.set([number, number >> 8, number >> 16, number >> 24, 0, 0]);
  return pixels;
};

// For each place of a larger row the places that it lies between, and their weights as Pillow's bilinear filter
// has them: 22 bits after the point.
const filter = (size) =>
  Array.from({ length: size }, (_, x) => {
    const centre = ((x + 0.5) * SIDE) / size - 0.5;
    const near = [Math.floor(centre), Math.floor(centre) + 1].filter((at) => at >= 0 && at < SIDE);
    const weights = near.map((at) => 1 - Math.abs(centre - at));
    const sum = weights.reduce((a, b) => a + b);
    return near.map((at, place) => [at, Math.round((weights[place] / sum) * 2 ** 22)]);
  });
const enlarge = (pixels, size, taps) => {
  const wide = new Uint8Array(SIDE * size * 3);
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < size; x++)
      for (let c = 0; c < 3; c++) {
        let sum = 2 ** 21;
        for (const [at, weight] of taps[x]) sum += pixels[(y * SIDE + at) * 3 + c] * weight;
        wide[(y * size + x) * 3 + c] = sum >> 22;
      }
  const large = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++)
    for (let at = 0; at < size * 3; at++) {
      let sum = 2 ** 21;
      for (const [row, weight] of taps[y]) sum += wide[row * size * 3 + at] * weight;
      large[y * size * 3 + at] = sum >> 22;
    }
  return large;
};

// An engine has `run(numbers)`: features of these images, each height x width x channels.
const starts = {
  async onnxruntime(device, threads, network) {
    const ort = await import(`${peers}onnxruntime-web/ort.${device}.min.mjs`);
    ort.env.wasm.wasmPaths = `${peers}onnxruntime-web/`;
    ort.env.wasm.numThreads = threads;
    const bytes = await (await file("network.onnx")).arrayBuffer();
    const session = await ort.InferenceSession.create(bytes, { executionProviders: [device] });
    const { size, scaling, features } = network;
    const places = features.height * features.width;
    return async (images) => {
      const input = new Float32Array(images.length * 3 * size * size);
      images.forEach((pixels, number) => {
        for (let c = 0; c < 3; c++)
          for (let at = 0; at < size * size; at++)
            input[(number * 3 + c) * size * size + at] = pixels[at * 3 + c] * scaling.scale + scaling.offset;
      });
      const tensor = new ort.Tensor("float32", input, [images.length, 3, size, size]);
      const outputs = await session.run({ [network.input]: tensor });
      const values = await outputs[network.output].getData();
      const turned = new Float32Array(values.length);
      for (let number = 0; number < images.length; number++)
        for (let channel = 0; channel < features.channels; channel++)
          for (let place = 0; place < places; place++)
            turned[(number * places + place) * features.channels + channel] =
              values[(number * features.channels + channel) * places + place];
      return turned;
    };
  },

  async tensorflow(device, threads, network) {
    await script("tfjs-core/tf-core.min.js");
    await script(`tfjs-backend-${device}/tf-backend-${device}.min.js`);
    const tf = globalThis.tf;
    if (device === "wasm") {
      tf.wasm.setWasmPaths(`${peers}tfjs-backend-wasm/`);
      tf.wasm.setThreadsCount(threads);
    }
    await tf.setBackend(device);
    await tf.ready();
    const weights = new Float32Array(await (await file("weights.bin")).arrayBuffer());
    const constant = ({ at, shape }) => tf.tensor(weights.slice(at, at + shape.reduce((a, b) => a * b)), shape);
    const operations = network.operations.map((operation) => ({
      ...operation,
      inputs: operation.inputs ?? [operation.input],
      ...(operation.kernel && { kernel: constant(operation.kernel), bias: constant(operation.bias) }),
    }));
    // What nobody will ask for any more makes room.
    const last = new Map();
    operations.forEach(({ inputs }, at) => inputs.forEach((name) => last.set(name, at)));
    const pad = ([top, left, bottom, right]) => [[0, 0], [top, bottom], [left, right], [0, 0]];
    // Pools that keep the size leave out what lies outside, as the network does.
    const same = ([top]) => (top > 0 ? "same" : "valid");
    const compute = {
      conv: ({ window, kernel, bias, relu }, [x]) =>
        tf.fused.conv2d({
          x,
          filter: kernel,
          strides: window.strides,
          pad: window.pads.some((side) => side > 0) ? pad(window.pads) : "valid",
          bias,
          activation: relu ? "relu" : "linear",
        }),
      max_pool: ({ window }, [x]) => tf.maxPool(x, window.size, window.strides, same(window.pads)),
      average_pool: ({ window }, [x]) => tf.avgPool(x, window.size, window.strides, same(window.pads)),
      concat: (_, inputs) => tf.concat(inputs, 3),
      add: (_, [a, b]) => tf.add(a, b),
    };
    const { size, scaling } = network;
    return async (images) => {
      const input = new Float32Array(images.length * size * size * 3);
      images.forEach((pixels, number) => {
        const begin = number * size * size * 3;
        for (let at = 0; at < pixels.length; at++)
          input[begin + at] = pixels[at] * scaling.scale + scaling.offset;
      });
      const values = new Map([[network.input, tf.tensor4d(input, [images.length, size, size, 3])]]);
      operations.forEach((operation, at) => {
        const inputs = operation.inputs.map((name) => values.get(name));
        values.set(operation.output, compute[operation.op](operation, inputs));
        for (const name of new Set(operation.inputs)) if (last.get(name) === at) values.get(name).dispose();
      });
      const output = values.get(network.output);
      const data = await output.data();
      output.dispose();
      return data;
    };
  },
};

// By their peers' names: several may stand ready on one page.
const engines = new Map();
const extract = async (peer, numbers) => {
  const { run, network, taps } = engines.get(peer);
  return run(numbers.map((number) => enlarge(image(number), network.size, taps)));
};

const database = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open("peers", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("features", { autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
const store = async (records) => {
  const transaction = (await database()).transaction("features", "readwrite");
  for (const record of records) transaction.objectStore("features").add(record);
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onerror = () => reject(transaction.error);
  });
};

const tasks = {
  async start({ peer, device, threads }) {
    const network = await (await file("network.json")).json();
    const run = await starts[peer](device, threads, network);
    engines.set(peer, { run, network, taps: filter(network.size) });
    return {};
  },
  image: async ({ peer, number }) => ({ features: Array.from(await extract(peer, [number])) }),
  async extract({ peer, images, batch }) {
    const records = [];
    for (let begin = 0; begin < images; begin += batch) {
      const numbers = Array.from({ length: Math.min(batch, images - begin) }, (_, at) => begin + at);
      records.push(new Float16Array(await extract(peer, numbers)).buffer);
    }
    await store(records);
    return {};
  },
  memory: async () => ({
    bytes: [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
  }),
};

export const run = async (task) => {
  try {
    const begun = performance.now();
    const outcome = await tasks[task.task](task);
    return { milliseconds: performance.now() - begun, ...outcome };
  } catch (error) {
    return { error: String(error?.stack ?? error) };
  }
};
