/** A real browser for tests: builds a page with Vite as any application would, serves it, and opens it in headless Chromium. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { build, type PreviewServer, preview } from "vite";

/** Where Chromium is: `$CHROMIUM`, or where Linux distributions put it. */
export const chromiumPath: string | undefined = [
  process.env.CHROMIUM ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== "" && existsSync(path));

/** Starts quietly, needs no network, and has WebGPU even without a GPU: on SwiftShader, which computes on the CPU. */
const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];

/** What makes a page isolated from other origins, which threads need. */
const ISOLATION = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

export interface Site {
  /** Opens the page afresh. `isolated`: with threads; `script` runs in the page before everything else. */
  open(options: { readonly isolated: boolean; readonly script?: string }): Promise<Page>;
  close(): Promise<void>;
}

/** Builds the site in the folder `root` from the sources and starts a browser for it. */
export async function openSite(root: string, executablePath: string): Promise<Site> {
  const outDir = await mkdtemp(join(tmpdir(), "atelier-site-"));
  const servers = new Map<boolean, PreviewServer>();
  let browser: Browser | undefined;
  const close = async (): Promise<void> => {
    await browser?.close();
    for (const server of servers.values()) await server.close();
    await rm(outDir, { recursive: true, force: true });
  };
  const settings = { root, configFile: false, logLevel: "error" } as const;
  try {
    await build({
      ...settings,
      // Vite's own conditions after "source", with which every test here reads the packages' sources instead of a build.
      resolve: { conditions: ["source", "module", "browser", "production"] },
      worker: { format: "es" },
      build: { outDir, emptyOutDir: true },
    });
    for (const isolated of [true, false]) {
      const headers = isolated ? ISOLATION : {};
      servers.set(
        isolated,
        await preview({ ...settings, build: { outDir }, preview: { port: 0, host: "127.0.0.1", headers } }),
      );
    }
    browser = await chromium.launch({ executablePath, args: FLAGS });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async open({ isolated, script }) {
      const page = await browser.newPage();
      if (script !== undefined) await page.addInitScript(script);
      await page.goto(servers.get(isolated)!.resolvedUrls!.local[0]!);
      await page.waitForFunction("globalThis.atelier !== undefined");
      return page;
    },
    close,
  };
}
