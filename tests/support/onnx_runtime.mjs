// Computes ONNX models with onnxruntime-web: node onnx_runtime.mjs PACKAGE LIST. PACKAGE is the package's folder, LIST a
// JSON file of { model, inputs: [{ name, type, dims, path }], output }. Numbers are raw bytes. The outputs of a model are
// written to `output` with their position behind it; the last line printed is JSON: for each model its types and shapes,
// or what went wrong.
import { readFileSync, writeFileSync } from "node:fs";

const [, , folder, listPath] = process.argv;
const ort = await import(`${folder}/dist/ort.wasm.bundle.min.mjs`);
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

const arrays = { float32: Float32Array, int32: Int32Array, int64: BigInt64Array, bool: Uint8Array };

const numbers = (type, path) => {
  const bytes = readFileSync(path);
  return new arrays[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};

const run = async ({ model, inputs, output }) => {
  const session = await ort.InferenceSession.create(readFileSync(model), {
    executionProviders: ["wasm"], graphOptimizationLevel: "disabled",
  });
  const feeds = {};
  for (const { name, type, dims, path } of inputs) feeds[name] = new ort.Tensor(type, numbers(type, path), dims);
  const results = await session.run(feeds);
  const shapes = session.outputNames.map((name, i) => {
    const { data, dims, type } = results[name];
    writeFileSync(`${output}${i + 1}`, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    return { name, type, dims };
  });
  await session.release();
  return { outputs: shapes };
};

const answers = [];
for (const each of JSON.parse(readFileSync(listPath, "utf8"))) {
  try {
    answers.push(await run(each));
  } catch (error) {
    answers.push({ problem: String(error.message ?? error) });
  }
}
console.log(JSON.stringify(answers));
