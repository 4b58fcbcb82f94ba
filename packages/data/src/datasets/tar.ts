/**
 * Reads the regular files of a tar archive as it streams by (POSIX.1-1988 "ustar", the format of npm tarballs), keeping only those
 * that are wanted. Nothing is written to disk, so no entry can name a place outside.
 */
import { FormatError } from "@atelier/engine/errors";

const block = 512;

const field = (header: Buffer, from: number, to: number): string => {
  const end = header.subarray(from, to).indexOf(0);
  return header.toString("utf8", from, end < 0 ? to : from + end);
};

/** The sum of the header's bytes with its own checksum field counted as spaces. */
const checksum = (header: Buffer): number =>
  header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);

/**
 * The wanted files by path. Paths lose their first part (npm's "package/").
 * @throws FormatError where the archive is damaged or ends within a file.
 */
export async function readTar(
  chunks: AsyncIterable<Uint8Array>,
  keep: (path: string) => boolean,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const header = Buffer.alloc(block);
  let headerFilled = 0;
  let body: Uint8Array | undefined;
  let bodyFilled = 0;
  let remaining = 0; // of the present entry, its padding to whole blocks included
  for await (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      if (remaining > 0) {
        const taken = Math.min(remaining, chunk.length - at);
        if (body !== undefined) {
          const wanted = Math.min(taken, body.length - bodyFilled);
          body.set(chunk.subarray(at, at + wanted), bodyFilled);
          bodyFilled += wanted;
        }
        remaining -= taken;
        at += taken;
        continue;
      }
      const taken = Math.min(block - headerFilled, chunk.length - at);
      header.set(chunk.subarray(at, at + taken), headerFilled);
      headerFilled += taken;
      at += taken;
      if (headerFilled < block) break;
      headerFilled = 0;
      if (header.every((byte) => byte === 0)) continue; // two such blocks end an archive
      if (Number.parseInt(field(header, 148, 156), 8) !== checksum(header))
        throw new FormatError("The archive has a damaged entry header");
      const size = Number.parseInt(field(header, 124, 136), 8);
      const prefix = field(header, 345, 500);
      const path = `${prefix === "" ? "" : `${prefix}/`}${field(header, 0, 100)}`.replace(/^[^/]*\//, "");
      const kind = field(header, 156, 157);
      remaining = Math.ceil(size / block) * block;
      body = undefined;
      if ((kind === "0" || kind === "") && keep(path)) {
        body = new Uint8Array(size);
        bodyFilled = 0;
        files.set(path, body);
      }
    }
  }
  if (remaining > 0 || headerFilled > 0) throw new FormatError("The archive ends in the middle of a file");
  return files;
}
