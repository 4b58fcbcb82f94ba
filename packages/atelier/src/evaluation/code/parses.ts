/**
 * Whether a source file parses: JavaScript and TypeScript by Babel's parser, JSON by JSON.parse. Babel reports the early errors of
 * the ECMAScript standard as well (a name declared twice, `await` outside of an async function), but no types are checked.
 * It is written in JavaScript alone, so it runs wherever Node does.
 */
import { extname } from "node:path";
import { type ParserPlugin, parse } from "@babel/parser";

const plugins: Readonly<Record<string, readonly ParserPlugin[]>> = {
  ".ts": ["typescript"],
  ".mts": ["typescript"],
  ".cts": ["typescript"],
  ".tsx": ["typescript", "jsx"],
  ".js": ["jsx"],
  ".mjs": ["jsx"],
  ".cjs": ["jsx"],
  ".jsx": ["jsx"],
};

/** Whether the text is free of syntax errors, by the ending of its name; undefined for other languages: not judged. */
export function parses(name: string, text: string): boolean | undefined {
  const ending = extname(name).toLowerCase();
  try {
    if (ending === ".json") {
      JSON.parse(text);
      return true;
    }
    const language = plugins[ending];
    if (language === undefined) return undefined;
    parse(text, { sourceType: "unambiguous", plugins: [...language, "decorators-legacy"] });
    return true;
  } catch {
    return false; // Both parsers throw SyntaxError, and nothing else on a string.
  }
}
