/**
 * What every report is: one HTML file that needs nothing else. No script, no font, no request goes out (its own content policy forbids
 * them).
 */
import { escapeHtml } from "./escape.js";
import { STYLE } from "./style.js";

/** @param body HTML. */
export function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)} · Atelier</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
<footer>Made by Atelier. This page is one file; nothing in it is fetched from anywhere.</footer>
</main>
</body>
</html>
`;
}

/** A heading over HTML; nothing where there is nothing under it. */
export const renderSection = (title: string, body: string): string =>
  body === "" ? "" : `<h2>${escapeHtml(title)}</h2>\n${body}`;

/** A table of text, scrolling sideways where it is wide. `best` marks one row; columns named in `right` hold figures. */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { right = [], best }: { readonly right?: readonly string[]; readonly best?: number } = {},
): string {
  const side = (i: number): string => (right.includes(headings[i]!) ? ' class="right"' : "");
  const cell = (text: string, i: number): string =>
    `<td${text.length > 60 ? ' class="long"' : side(i)}>${escapeHtml(text)}</td>`;
  const head = headings.map((heading, i) => `<th${side(i)}>${escapeHtml(heading)}</th>`).join("");
  const body = rows
    .map((row, i) => `<tr${i === best ? ' class="best"' : ""}>${row.map(cell).join("")}</tr>`)
    .join("\n");
  return `<div class="panel wide"><table><thead><tr>${head}</tr></thead><tbody>\n${body}</tbody></table></div>`;
}
