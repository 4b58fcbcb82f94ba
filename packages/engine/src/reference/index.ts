export type { Dense } from "../graph/primitive.js";
export { type Bindings, interpret } from "./interpret.js";
