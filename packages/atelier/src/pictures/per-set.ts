/** What takes long to make of a set of pictures is made once, and remembered as long as the set is. */
import type { PictureSet } from "@atelier/data";

export class PerSet<Made> {
  readonly #made = new WeakMap<PictureSet, Promise<Made>>();

  of(pictures: PictureSet, make: () => Promise<Made>): Promise<Made> {
    const known = this.#made.get(pictures);
    if (known !== undefined) return known;
    const made = make();
    this.#made.set(pictures, made);
    // What was stopped, or failed, is begun anew.
    made.catch(() => this.#made.delete(pictures));
    return made;
  }
}
