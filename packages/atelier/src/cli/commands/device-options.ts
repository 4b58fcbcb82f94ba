/** Where to compute: the options that every command that runs a model takes. */
import { z } from "zod";
import { integer, value } from "../options.js";

export const threads = value(integer({ min: 1, max: 256 }), { summary: "threads of an operation", placeholder: "N" });

export const deviceOptions = {
  device: value(z.enum(["cpu", "webgpu", "cuda"]), {
    summary: "cpu, webgpu or cuda (untested)",
    placeholder: "DEVICE",
  }),
  threads,
};
