/**
 * XMP in a PNG where the standard has it: an uncompressed iTXt chunk (ISO 16684-3, section 4.2; PNG 11.3.3.4). libvips writes a zTXt chunk
 * instead, which few programs look into.
 */
import { crc32 } from "node:zlib";

/** Signature (8 bytes) and the header chunk (25), behind which other chunks may come. */
const HEADER = 33;

/** @param png a file without XMP */
export function withXmpChunk(png: Uint8Array, xmp: string): Uint8Array {
  // Keyword, compression flag and method, then an empty language and an empty translation of the keyword.
  const content = Buffer.from(`iTXtXML:com.adobe.xmp\0\0\0\0\0${xmp}`);
  const chunk = Buffer.alloc(content.length + 8);
  chunk.writeUInt32BE(content.length - 4, 0);
  chunk.set(content, 4);
  chunk.writeUInt32BE(crc32(content), content.length + 4);
  return Buffer.concat([png.subarray(0, HEADER), chunk, png.subarray(HEADER)]);
}
