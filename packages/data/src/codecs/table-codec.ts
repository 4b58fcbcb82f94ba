/** What codecs with a fixed table of tokens have in common: everything that goes from ids back to text. */
import type { TokenTable } from "./token-table.js";
import type { DecodeOptions, StreamDecoder } from "./tokens-codec.js";

export abstract class TableCodec {
  protected abstract readonly table: TokenTable;

  decode(ids: ArrayLike<number>, options?: DecodeOptions): string {
    return this.table.decode(ids, options);
  }

  decodeBytes(ids: ArrayLike<number>, options?: DecodeOptions): Uint8Array {
    return this.table.decodeBytes(ids, options);
  }

  streamDecoder(options?: DecodeOptions): StreamDecoder {
    return this.table.streamDecoder(options);
  }

  bytesOf(ids: ArrayLike<number>): number {
    return this.table.bytesOf(ids);
  }

  preview(ids: ArrayLike<number>, limit?: number): string {
    return this.table.preview(ids, limit);
  }
}
