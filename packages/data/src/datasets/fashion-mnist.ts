/**
 * Fashion-MNIST (Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms",
 * arXiv:1708.07747, 2017): 60,000 and 10,000 grey pictures of 28×28 pixels in ten classes. No npm package has it: it is a package of
 * Debian, or four files that anyone may fetch.
 */
import type { InstalledPictures } from "./picture-definition.js";

export const fashionMnist: InstalledPictures = {
  kind: "pictures",
  name: "fashion-mnist",
  title: "Fashion-MNIST: articles of clothing, 28×28, grey",
  origin: "the IDX files of github.com/zalandoresearch/fashion-mnist, as in Debian's package dataset-fashion-mnist",
  licence: "MIT (Zalando SE)",
  folders: ["/usr/share/datasets/fashion-mnist"],
  hint:
    "On Debian and Ubuntu: `apt install dataset-fashion-mnist`. Elsewhere put the four files of " +
    "github.com/zalandoresearch/fashion-mnist (train-images-idx3-ubyte.gz and so on) into the first of these folders.",
  classes: ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
  fingerprint: "sha256:0809bac59f71aa15a84a879a931e2939082dd0706237b52b1747a69d1cbee4af",
};
