/** What one file per named picture dataset declares. */
import type { PinnedPackage } from "./definition.js";

/** A package, and which of its files are needed. */
export interface PicturePackage extends PinnedPackage {
  /** Whether `read` needs this file (path inside the package, "/"-separated). */
  readonly keep: (path: string) => boolean;
}

export interface NamedPicture {
  /** A path with an ending, unique: the picture is kept as a file of this name. */
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly label?: string;
  readonly caption?: string;
}

interface PictureOrigin {
  readonly kind: "pictures";
  readonly name: string;
  readonly title: string;
  readonly origin: string;
  readonly licence: string;
  /** The fingerprint of the card: proves the cached copy, or what is installed, whole on every use. */
  readonly fingerprint: string;
}

/** Pictures out of npm packages. */
export interface PackagedPictures extends PictureOrigin {
  readonly packages: readonly PicturePackage[];
  /**
   * The pictures, in order, from the kept files of each package in turn.
   * @throws FormatError where the files are not as expected.
   */
  readonly read: (...files: readonly ReadonlyMap<string, Uint8Array>[]) => NamedPicture[];
}

/** Pictures that no npm package has: IDX files that the system's own packages install, or that people fetch themselves. */
export interface InstalledPictures extends PictureOrigin {
  /** Where they are looked for, beside `<home>/datasets/<name>/`. */
  readonly folders: readonly string[];
  /** How to get them, for the error where they are not there. */
  readonly hint: string;
  /** What the numbers of the labels mean. */
  readonly classes: readonly string[];
}

export type PictureDefinition = PackagedPictures | InstalledPictures;
