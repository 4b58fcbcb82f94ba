import { expect, it } from "vitest";
import { NameList } from "./name-list.js";

it("gives back every name by its number", () => {
  const names = new NameList();
  const name = (i: number): string => `folder/${i} "größer"\n.txt`;
  for (let i = 0; i < 3000; i++) names.add(name(i));
  expect(names.size).toBe(3000);
  for (let i = 0; i < 3000; i += 7) expect(names.get(i)).toBe(name(i));
  expect(names.get(2999)).toBe(name(2999));
});
