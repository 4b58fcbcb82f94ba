import { expect, it } from "vitest";
import { parses } from "./parses.js";

it.each([
  ["a.ts", "export const f = <T,>(x: T): T => x as T;\n"],
  ["a.ts", "const x = y satisfies Z;\nusing = 1;\n"],
  ["a.ts", "abstract class A<in out T> { constructor(private readonly x: T) {} declare y: number; }"],
  ["a.ts", "@Injectable()\nexport class A { constructor(@Inject() readonly b: B) {} }"],
  ["a.ts", "export function f(x: number): void;\nexport function f(x: unknown): void {}\n"],
  ["a.ts", "import type { A } from './a.js';\nimport b = require('b');\nenum E { A = 1 }\nnamespace N {}\n"],
  ["a.ts", "// 😀\r\n\tconst größe = /[/]\\p{L}/u;"],
  ["a.ts", ""],
  ["a.tsx", "export const A = () => <><b>{x}</b></>;"],
  ["a.jsx", "export const A = () => <b {...p} />;"],
  ["a.cjs", "module.exports = function () { with (a) b; };"],
  ["a.mjs", "await import('x');\nexport * as y from 'y';"],
  ["A.JSON", '{"a": [1, null]}'],
])("%s parses: %j", (name, text) => {
  expect(parses(name, text)).toBe(true);
});

it.each([
  ["a.ts", "export const f = (x: number => x;\n"],
  ["a.ts", "if (a) {\n"],
  ["a.ts", "const x = <b>1</b>;"],
  ["a.ts", "let a = 1; let a = 2;"],
  ["a.ts", "function f() { await g(); }"],
  ["a.js", "const x: number = 1;"],
  ["a.tsx", "const A = <b></i>;"],
  ["a.ts", "'unclosed"],
  ["a.json", "{a: 1}"],
  ["a.json", ""],
])("%s does not: %j", (name, text) => {
  expect(parses(name, text)).toBe(false);
});

it.each(["a.py", "Chapter 1. Loomings.", "Makefile", "a.ts.txt"])("%s is not judged", (name) => {
  expect(parses(name, "x")).toBeUndefined();
});
