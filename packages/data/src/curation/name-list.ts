/** Names by number, for millions of documents: a thousand at a time are kept as one block of UTF-8, off the heap. */
const blockNames = 1024;

export class NameList {
  readonly #blocks: Buffer[] = [];
  #open: string[] = [];

  get size(): number {
    return this.#blocks.length * blockNames + this.#open.length;
  }

  /** Adds a name; its number is how many were added before. */
  add(name: string): void {
    this.#open.push(name);
    if (this.#open.length === blockNames) {
      this.#blocks.push(Buffer.from(JSON.stringify(this.#open)));
      this.#open = [];
    }
  }

  /** The name of that number. */
  get(id: number): string {
    const block = this.#blocks[Math.floor(id / blockNames)];
    // Written by `add` above: a list of texts.
    const names = block === undefined ? this.#open : (JSON.parse(block.toString()) as string[]);
    return names[id % blockNames]!;
  }
}
