/** Registers every primitive. Importing this module is what makes `apply` know them. */
import "./elementwise.js";
import "./shape.js";
import "./matmul.js";
import "./convolution.js";
import "./reduce.js";
import "./rotary.js";
import "./indexing.js";
import "./fused.js";
import "./quantized.js";

export { allPrimitives } from "../graph/primitive.js";
