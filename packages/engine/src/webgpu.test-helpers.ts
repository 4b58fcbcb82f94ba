/**
 * A WebGPU adapter for tests on a machine without a GPU: SwiftShader, a Vulkan driver in software that Chromium ships. It must be in
 * place before ONNX Runtime looks for one; where the machine has an adapter of its own, nothing needs doing.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { compile } from "./compile.js";
import { hostTensor } from "./dtype.js";
import { DeviceError } from "./errors.js";
import type { Tensor } from "./graph/tensor.js";

const USUAL_PLACES = [
  "/usr/lib/chromium",
  "/usr/lib64/chromium-browser",
  "/usr/lib/chromium-browser",
  "/usr/share/chromium",
  "/opt/google/chrome",
  "/snap/chromium/current/usr/lib/chromium-browser",
];

/** From <dlfcn.h> on Linux: resolve now, and keep the library although it is no Node module. */
const RTLD_NOW = 0x2;
const RTLD_NODELETE = 0x1000;

/** Points the Vulkan loader at SwiftShader, and loads Chromium's copy of that loader where the system has none. */
export function offerSwiftShader(): void {
  if (process.platform !== "linux") return;
  const found = USUAL_PLACES.map((place) => join(place, "vk_swiftshader_icd.json")).find((file) => existsSync(file));
  const driver = process.env.VK_DRIVER_FILES ?? found;
  if (driver === undefined) return;
  process.env.VK_DRIVER_FILES = driver;
  const loader = join(dirname(driver), "libvulkan.so.1");
  if (!existsSync(loader)) return;
  try {
    process.dlopen({ exports: {} }, loader, RTLD_NOW | RTLD_NODELETE);
  } catch {
    // It is loaded, and Node complains that it is no module of its own.
  }
}

/** Why there is no WebGPU here, in the runtime's words; undefined where there is. */
export async function whyNoWebGpu(): Promise<string | undefined> {
  offerSwiftShader();
  const probe = compile(({ x }: { x: Tensor }) => ({ y: x.add(1) }), { device: "webgpu", strict: true });
  try {
    await probe({ x: hostTensor(Float32Array.of(1)) });
    await probe.release();
    return undefined;
  } catch (error) {
    if (error instanceof DeviceError) return error.message;
    throw error;
  }
}
