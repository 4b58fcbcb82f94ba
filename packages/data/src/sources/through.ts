/** Parts sent through a stream of Node's (gzip, CSV), with what goes wrong before it told from what goes wrong in it. */
import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * What the transform makes of the parts. An error of the parts comes out as it is, one of the transform as `explain` puts it.
 */
export async function* through(
  parts: AsyncIterable<string | Uint8Array>,
  transform: Transform,
  explain: (error: unknown) => unknown,
): AsyncGenerator<unknown> {
  let failure: { readonly error: unknown } | undefined;
  const feeding = pipeline(async function* () {
    try {
      yield* parts;
    } catch (error) {
      failure = { error };
      throw error;
    }
  }, transform).catch(() => {}); // It destroys the transform, whose reader below is told.
  try {
    yield* transform;
  } catch (error) {
    throw failure === undefined ? explain(error) : failure.error;
  } finally {
    transform.destroy();
    await feeding;
  }
}
