import { FormatError } from "@atelier/engine/errors";
import { expect, it } from "vitest";
import { factbook } from "./factbook.js";

const file = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const text = (value: string) => ({ text: value });

it("asks about each country what its profile answers, in the words of the Factbook", () => {
  const files = new Map([
    [
      "europe/au.json",
      file({
        Government: {
          "Country name": {
            "conventional short form": text("Austria"),
            "conventional long form": text("Republic of Austria"),
          },
          Capital: { name: text("Vienna"), "time difference": text("UTC+1") },
          "Administrative divisions": text("9 states: Wien, K\ufffdrnten"),
        },
        Geography: {
          Climate: text("temperate;  cold winters\n   with ’frequent’ rain"),
          "Area - comparative": { text: null },
          Terrain: text(" ++ mountains in the west ++ flat in the east ++ "),
          Area: { total: text("83,871 sq km"), water: { count: 3 } },
        },
        Economy: { "Economy - overview": text("It grew.++ ++ Then it slowed,") },
      }),
    ],
    [
      "africa/ct.json",
      file({
        Government: {
          "Country name": {
            "conventional short form": text("none"),
            "conventional long form": text("Central African Republic"),
          },
        },
      }),
    ],
    ["oceans/xo.json", file({ Geography: { Coastline: text("66,526 km") } })],
    ["meta/categories.json", file({ count: 3 })],
  ]);
  const kept = new Map([...files].filter(([path]) => factbook.keep(path)));
  expect(factbook.read(kept)).toEqual([
    {
      name: "Central African Republic",
      text: "Q: What is the full name of Central African Republic?\nA: Central African Republic\n",
    },
    {
      name: "Austria",
      text: [
        "Q: What is the total area of Austria?\nA: 83,871 sq km\n",
        "Q: What is the climate of Austria?\nA: temperate; cold winters with 'frequent' rain\n",
        "Q: What is the terrain of Austria?\nA: mountains in the west; flat in the east\n",
        "Q: What is the full name of Austria?\nA: Republic of Austria\n",
        "Q: What is the capital of Austria?\nA: Vienna\n",
        "Q: What is the economy of Austria like?\nA: It grew. Then it slowed\n",
      ].join("\n"),
    },
    { name: "the Indian Ocean", text: "Q: How long is the coastline of the Indian Ocean?\nA: 66,526 km\n" },
  ]);
});

it("refuses a package without profiles, or a country without a name", () => {
  expect(() => factbook.read(new Map())).toThrow(FormatError);
  expect(() => factbook.read(new Map([["europe/au.json", file({ Geography: {} })]]))).toThrow(/europe\/au\.json/);
});
