/** Figures as people read them: sizes, counts, times, tables. */

/** `1,234,567` */
export const formatCount = (count: number): string => count.toLocaleString("en-US");

/** `an upscaler`, `a vae` */
export const withArticle = (noun: string): string => `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;

/** `2.4 MB`, in powers of 1,000. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 || size >= 99.5 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** `48 s`, `2 min 05 s`, `3 h 20 min`, `2 d 4 h` */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** An ISO time as `2026-11-22 03:49`, in local time. */
export function formatTime(iso: string): string {
  const date = new Date(iso);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Rows under headings, in aligned columns; columns named in `right` are aligned to the right. */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
): string[] {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (right.includes(headings[i]!) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd();
  return [line(headings), ...rows.map(line)];
}

/**
 * Breaks text at spaces so that lines fit into `columns` where words allow it. Every line but the first begins with `indent`; line ends
 * and spaces at the start of a line stay.
 */
export function wrapText(text: string, columns: number, indent = ""): string {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = lines.length === 0 ? "" : indent;
    let empty = true;
    for (const word of paragraph.match(/ *[^ ]+/g) ?? []) {
      // A word that no line can hold gains nothing by one of its own.
      const fits = word.trimStart().length <= columns - indent.length;
      if (!empty && fits && line.length + word.length > columns) {
        lines.push(line);
        line = indent + word.trimStart();
      } else line += word;
      empty = false;
    }
    lines.push(line);
  }
  return lines.join("\n");
}

/**
 * Names and values as two columns, the second wrapped to fit: what `show` commands print. Entries without a value are left out.
 */
export function formatFields(
  fields: readonly (readonly [name: string, value: string | undefined])[],
  columns = Number.POSITIVE_INFINITY,
): string[] {
  const present = fields.filter(([, value]) => value !== undefined && value !== "");
  const width = Math.max(0, ...present.map(([name]) => name.length));
  return present.map(([name, value]) => wrapText(`${name.padEnd(width)}  ${value}`, columns, " ".repeat(width + 2)));
}
