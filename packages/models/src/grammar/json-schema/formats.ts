/**
 * The string formats that can be asked for, as regular expressions. Each is a part of what its RFC allows: the plain, common form.
 */

const days =
  "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))";
const leapYear = "(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
const date = `(?:\\d{4}-${days}|${leapYear}-02-29)`;
const time = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
const label = "[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?";
const host = `${label}(?:\\.${label}){1,3}`;
const byte = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

export const formats: ReadonlyMap<string, string> = new Map([
  /** RFC 3339, days that exist. */
  ["date", date],
  /** RFC 3339 with an offset; no leap seconds. */
  ["time", time],
  ["date-time", `${date}T${time}`],
  /** A dot-atom of RFC 5322 in ASCII, at a host of two to four lower-case labels. */
  ["email", `[A-Za-z0-9_+-]{1,32}(?:\\.[A-Za-z0-9_+-]{1,16}){0,3}@${host}`],
  ["uuid", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"],
  /** http and https, with a path and a query of unreserved characters. */
  ["uri", `https?://${host}(?:/[A-Za-z0-9._~-]*)*(?:\\?[A-Za-z0-9._~=&-]*)?`],
  ["ipv4", `${byte}(?:\\.${byte}){3}`],
]);
