/**
 * E-mail addresses in running text: from every `@` outwards, so that the cost does not depend on what surrounds it. The local part is an
 * unquoted one of RFC 5322 as addresses are given in practice, the domain ends in letters; only ASCII.
 */

/** Letters, digits and `._%+-`. */
const isLocal = (code: number): boolean => isDomain(code) || code === 0x5f || code === 0x25 || code === 0x2b;

/** Letters, digits, `.` and `-`. */
const isDomain = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x2e ||
  code === 0x2d;

const localPart = /^[\w%+-]+(?:\.[\w%+-]+)*$/;
const domain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]{2,59})/i;
/** Pictures for screens of twice the density are called `icon@2x.png`. */
const pictureSize = /^\dx\./i;
/** `git@host:path` names a repository. */
const repositoryPath = /^:[\w~/]/;

/** Calls `found` with the start and end of every address, in order. */
export function findEmails(text: string, found: (start: number, end: number) => void): void {
  for (let at = text.indexOf("@"), after = 0; at >= 0; at = text.indexOf("@", at + 1)) {
    let start = at;
    while (start > after && at - start < 65 && isLocal(text.charCodeAt(start - 1))) start--;
    // A sentence may end, or a list begin, right before an address.
    while (start < at && (text[start] === "." || text[start] === "-")) start++;
    let end = at + 1;
    while (end < text.length && end - at < 255 && isDomain(text.charCodeAt(end))) end++;
    if (start === at || at - start > 64 || !localPart.test(text.slice(start, at))) continue;
    const host = domain.exec(text.slice(at + 1, end))?.[0];
    if (host === undefined || pictureSize.test(host)) continue;
    end = at + 1 + host.length;
    // What the pattern left over may not go on with a letter or digit: `a@b.c1` has no top-level domain.
    if (/[\w@]/.test(text.charAt(end)) || repositoryPath.test(text.slice(end, end + 2))) continue;
    // A name and password in an address: `https://user:password@host`.
    if (/:\/\/[^/\s@]*$/.test(text.slice(Math.max(0, start - 80), start))) continue;
    found(start, end);
    after = end;
  }
}
