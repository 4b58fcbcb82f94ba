/** Growing and bounded buffers of little-endian and variable-length integers, for the n-gram model's file format. */

export class ByteWriter {
  private buffer = new Uint8Array(1 << 16);
  private length = 0;

  byte(value: number): void {
    if (this.length === this.buffer.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.buffer[this.length++] = value;
  }

  uint32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 0xff);
  }

  /** 7 bits a byte, least significant first, the top bit set on all but the last byte. From 0 to 2^31 - 1. */
  variable(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.byte((rest & 0x7f) | 0x80);
    this.byte(rest);
  }

  /** A view of what was written so far. */
  written(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.length);
  }
}

export class ByteReader {
  private readonly bytes: Uint8Array;
  private readonly fail: (reason: string) => Error;
  private position: number;

  /** @param fail makes the error thrown when the bytes end too early or an integer is malformed */
  constructor(bytes: Uint8Array, position: number, fail: (reason: string) => Error) {
    this.bytes = bytes;
    this.position = position;
    this.fail = fail;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  byte(): number {
    if (this.position >= this.bytes.length) throw this.fail("it ends too early");
    return this.bytes[this.position++]!;
  }

  uint32(): number {
    const low = this.byte() | (this.byte() << 8) | (this.byte() << 16);
    return (low | (this.byte() << 24)) >>> 0;
  }

  variable(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw this.fail("an integer is longer than 31 bits");
  }
}
