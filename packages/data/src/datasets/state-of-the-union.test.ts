import { FormatError } from "@atelier/engine/errors";
import { expect, it } from "vitest";
import { stateOfTheUnion } from "./state-of-the-union.js";

const file = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const address = (year: number, name: string, text: string): Uint8Array => file({ year, name, party: "none", text });

it("gives the addresses in order of their years, without what the transcripts put in", () => {
  const files = new Map([
    [
      "sotu/data/2017_donald_j_trump_r.json",
      address(
        2017,
        "Donald J Trump",
        "It is firmly within our grasp.What we see [applause]  is “new”. (Applause.) Thank you.[Laughter]* ",
      ),
    ],
    [
      "sotu/data/1890_benjamin_harrison_r.json",
      address(1890, "Benjamin Harrison", " The &quot;National Guard,&quot; [p. 3] then—(1) the [States] and .outside"),
    ],
    [
      "sotu/data/1897_william_mc_kinley_r.json",
      address(1897, "William Mc Kinley", "Approved July 14, 1890 ,and so on."),
    ],
    ["sotu/package.json", file({})],
  ]);
  expect([...files.keys()].filter(stateOfTheUnion.keep)).toHaveLength(3);
  expect(stateOfTheUnion.read(files)).toEqual([
    {
      name: "State of the Union, 1890, Benjamin Harrison",
      text: 'State of the Union, 1890, Benjamin Harrison\n\nThe "National Guard," then—(1) the [States] and outside\n',
    },
    {
      name: "State of the Union, 1897, William McKinley",
      text: "State of the Union, 1897, William McKinley\n\nApproved July 14, 1890, and so on.\n",
    },
    {
      name: "State of the Union, 2017, Donald J. Trump",
      text: 'State of the Union, 2017, Donald J. Trump\n\nIt is firmly within our grasp. What we see is "new". Thank you.\n',
    },
  ]);
});

it("refuses a package without addresses, or with one that has no text", () => {
  expect(() => stateOfTheUnion.read(new Map())).toThrow(FormatError);
  expect(() => stateOfTheUnion.read(new Map([["sotu/data/1890_x_r.json", file({ year: 1890, name: "X" })]]))).toThrow(
    /1890_x_r\.json/,
  );
});
