// A worker that takes training steps of nanoGPT's CPU configuration in TensorFlow.js 4.22.0 on its WASM backend.
//
//     node tfjs-step.mjs --modules DIR [--text FILE] [--matmul plain|tuned]
//
// DIR is where @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm are installed (the benchmark installs them there). It speaks lines of
// JSON as torch_step.py does: first {"ready": true, "description", "versions"}, then {"command": "steps", "count": n} is answered with
// {"milliseconds", "loss"}.
//
// What this backend can and cannot do, tried one by one in Node 20:
// - gather has no gradient (its kernel UnsortedSegmentSum is not registered for wasm), so the token embedding is a product with one-hot
//   rows, which has one. oneHot(..., "float32") quietly answers the bits of integers (1.4e-45 for 1): it has to be made as int32 and cast.
// - where with a traced condition has no gradient (Greater), so the causal mask is a constant that is added to the scores.
// - erf, softmax, logSumExp, mean, rsqrt, slice, transpose and batched matMul all have theirs, and so has a whole GPT: nothing of the
//   model is left out. Neither is the clipping of the gradient's global norm. Left out of the step: AdamW's weight decay (tf.train.adam
//   has none), which spares this peer some work.
// - matMul with a transposed operand is eleven times slower than one without (768×512 by 512×128: 31 and 2.7 ms), and the gradient of
//   matMul uses nothing else. `--matmul plain` (the default) is the library's own gradient; `--matmul tuned` gives matMul one that
//   transposes first, which makes the whole step five times faster (measured on two cores: 1,300 and 265 ms).
// - threads: the backend refuses them in Node (issue 3830 of tensorflow/tfjs; with the flag forced, its worker start-up throws
//   ERR_WORKER_PATH), so it runs with SIMD on one thread, where the others have two.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    modules: { type: "string" },
    text: { type: "string" },
    matmul: { type: "string", default: "plain" },
  },
});
const load = createRequire(resolve(options.modules ?? ".", "package.json"));
// The library greets and advises on standard output, which here belongs to the protocol.
console.log = console.warn = console.info = (...words) => console.error(...words);
const tf = load("@tensorflow/tfjs");
load("@tensorflow/tfjs-backend-wasm");

const layers = 4;
const heads = 4;
const width = 128;
const context = 64;
const batch = 12;
const headWidth = width / heads;
const rows = batch * context;
const clipNorm = 1;
const learningRate = 1e-3;
const warmUpSteps = 100;

function reply(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function readTokens(path) {
  if (path === undefined) {
    return { tokens: Int32Array.from({ length: 1_000_000 }, () => Math.floor(Math.random() * 65)), vocabulary: 65 };
  }
  const characters = [...readFileSync(path, "utf8")];
  const alphabet = [...new Set(characters)].sort();
  const ids = new Map(alphabet.map((character, index) => [character, index]));
  const tokens = Int32Array.from(characters, (character) => ids.get(character));
  return { tokens: tokens.subarray(0, Math.floor(tokens.length * 0.9)), vocabulary: alphabet.length };
}

const swapLast = (x) => tf.transpose(x, [...Array(x.rank - 2).keys(), x.rank - 1, x.rank - 2]);

/** a @ b, whose gradient needs no product with a transposed operand. */
const tunedMatMul = tf.customGrad((a, b, save) => {
  save([a, b]);
  return {
    value: tf.matMul(a, b),
    gradFunc: (dy, [x, y]) => [tf.matMul(dy, swapLast(y)), tf.matMul(swapLast(x), dy)],
  };
});
const matMul = options.matmul === "tuned" ? tunedMatMul : (a, b) => tf.matMul(a, b);

function initialise(vocabulary) {
  const residualDeviation = 0.02 / Math.sqrt(2 * layers);
  const normal = (shape, deviation) => tf.variable(tf.randomNormal(shape, 0, deviation));
  const blocks = Array.from({ length: layers }, () => ({
    norm1: tf.variable(tf.ones([width])),
    attention: normal([width, 3 * width], 0.02),
    attentionOut: normal([width, width], residualDeviation),
    norm2: tf.variable(tf.ones([width])),
    up: normal([width, 4 * width], 0.02),
    down: normal([4 * width, width], residualDeviation),
  }));
  return {
    tokenEmbedding: normal([vocabulary, width], 0.02),
    positionEmbedding: normal([context, width], 0.02),
    blocks,
    finalNorm: tf.variable(tf.ones([width])),
  };
}

function layerNorm(x, gain) {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), gain); // (B*T, C)
}

const gelu = (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

function attention(x, block, mask) {
  const projected = matMul(x, block.attention); // (B*T, 3C)
  const [q, k, v] = [0, 1, 2].map((part) => {
    const slice = tf.slice(projected, [0, part * width], [rows, width]);
    return tf.transpose(tf.reshape(slice, [batch, context, heads, headWidth]), [0, 2, 1, 3]); // (B, H, T, D)
  });
  const scores = tf.add(tf.mul(matMul(q, swapLast(k)), 1 / Math.sqrt(headWidth)), mask); // (B, H, T, T)
  const mixed = matMul(tf.softmax(scores), v); // (B, H, T, D)
  return matMul(tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [rows, width]), block.attentionOut); // (B*T, C)
}

function lossOf(model, tokens, targets, mask, vocabulary) {
  const oneHot = (ids) => tf.cast(tf.oneHot(ids, vocabulary), "float32"); // (B*T, V)
  const embedded = matMul(oneHot(tokens), model.tokenEmbedding); // (B*T, C)
  let x = tf.reshape(tf.add(tf.reshape(embedded, [batch, context, width]), model.positionEmbedding), [rows, width]);
  for (const block of model.blocks) {
    x = tf.add(x, attention(layerNorm(x, block.norm1), block, mask));
    x = tf.add(x, matMul(gelu(matMul(layerNorm(x, block.norm2), block.up)), block.down));
  }
  const logits = matMul(layerNorm(x, model.finalNorm), tf.transpose(model.tokenEmbedding)); // (B*T, V)
  const picked = tf.sum(tf.mul(logits, oneHot(targets)), -1); // (B*T)
  return tf.mean(tf.sub(tf.logSumExp(logits, -1), picked));
}

await tf.setBackend("wasm");
await tf.ready();

const { tokens, vocabulary } = readTokens(options.text);
const model = initialise(vocabulary);
const variables = [
  model.tokenEmbedding,
  model.positionEmbedding,
  model.finalNorm,
  ...model.blocks.flatMap((block) => Object.values(block)),
];
const causal = Float32Array.from({ length: context * context }, (_, i) =>
  i % context > Math.floor(i / context) ? -1e9 : 0,
);
const mask = tf.tensor(causal, [1, 1, context, context]);
const optimizer = tf.train.adam(learningRate, 0.9, 0.99, 1e-8);
let steps = 0;

function randomBatch() {
  const inputs = new Int32Array(rows);
  const targets = new Int32Array(rows);
  for (let row = 0; row < batch; row += 1) {
    const start = Math.floor(Math.random() * (tokens.length - context));
    inputs.set(tokens.subarray(start, start + context), row * context);
    targets.set(tokens.subarray(start + 1, start + 1 + context), row * context);
  }
  return [tf.tensor1d(inputs, "int32"), tf.tensor1d(targets, "int32")];
}

/** One step of the loop: batch, forward, backward, clipping, Adam; returns the loss. */
function step() {
  steps += 1;
  optimizer.learningRate = learningRate * Math.min(1, steps / warmUpSteps);
  return tf.tidy(() => {
    const [inputs, targets] = randomBatch();
    const { value, grads } = tf.variableGrads(() => lossOf(model, inputs, targets, mask, vocabulary), variables);
    const norm = tf.sqrt(tf.addN(Object.values(grads).map((gradient) => tf.sum(tf.square(gradient)))));
    const factor = tf.minimum(1, tf.div(clipNorm, tf.add(norm, 1e-6)));
    const clipped = Object.entries(grads).map(([name, gradient]) => [name, tf.mul(gradient, factor)]);
    optimizer.applyGradients(Object.fromEntries(clipped));
    return value.dataSync()[0];
  });
}

const parameters = variables.reduce((sum, variable) => sum + variable.size, 0);
reply({
  ready: true,
  description: `TensorFlow.js WASM with SIMD, 1 thread, ${options.matmul} gradient of matMul, ${parameters.toLocaleString("en")} parameters`,
  versions: { "@tensorflow/tfjs": tf.version.tfjs, node: process.versions.node },
});
for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.command === "steps") {
    const started = performance.now();
    let loss = Number.NaN;
    for (let i = 0; i < message.count; i += 1) loss = step();
    reply({ milliseconds: performance.now() - started, loss });
  } else {
    reply({ error: `unknown command '${message.command}'` });
  }
}
