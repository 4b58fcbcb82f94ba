/**
 * The user's npm configuration, as far as fetching a tarball needs it: registry, mirrors of scopes, credentials, certificates,
 * proxies, cache, retries. Read from the places where npm itself looks, in its order (environment, project, user, global), without
 * starting npm. Keys and meanings: docs.npmjs.com, "npmrc" and "config".
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { FormatError } from "@atelier/engine/errors";
import type { Options } from "pacote";

export interface NpmConfigPlaces {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly userHome: string;
  /** Node's own binary: npm's global prefix, and so its npmrc, is found from it. */
  readonly nodeBinary: string;
}

type Settings = Map<string, string>;

/** Reads "key = value" lines; `key[] = value` collects lines; `${NAME}` is taken from the environment. */
export function parseNpmrc(text: string, environment: NpmConfigPlaces["environment"]): Settings {
  const settings: Settings = new Map();
  const expand = (value: string): string =>
    value.replace(/(?<!\\)(\\*)\$\{([^${}?]+)(\??)\}/g, (all, slashes: string, name: string, optional: string) => {
      const found = environment[name] ?? (optional === "?" ? "" : undefined);
      return slashes.length % 2 === 1 || found === undefined ? all : slashes + found;
    });
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith(";") || trimmed.startsWith("#") || trimmed.startsWith("[")) continue;
    const equals = trimmed.indexOf("=");
    const name = equals < 0 ? trimmed : trimmed.slice(0, equals).trim();
    const written = equals < 0 ? "true" : trimmed.slice(equals + 1).trim();
    const value = expand(/^(["']).*\1$/.test(written) ? written.slice(1, -1) : written.replace(/\s+[;#].*$/, ""));
    const key = expand(name);
    if (key.endsWith("[]")) {
      const list = key.slice(0, -2);
      settings.set(list, [settings.get(list), value].filter((part) => part !== undefined).join("\n"));
    } else settings.set(key, value);
  }
  return settings;
}

/** `npm_config_strict_ssl=false` in the environment is `strict-ssl=false`; keys of hosts (`//…`) keep their spelling. */
function environmentSettings(environment: NpmConfigPlaces["environment"]): Settings {
  const settings: Settings = new Map();
  for (const [name, value] of Object.entries(environment)) {
    if (!/^npm_config_/i.test(name) || value === undefined || value === "") continue;
    const key = name.slice("npm_config_".length);
    settings.set(key.startsWith("//") || key.startsWith("@") ? key : key.toLowerCase().replace(/(?!^)_/g, "-"), value);
  }
  return settings;
}

function fileSettings(path: string, environment: NpmConfigPlaces["environment"]): Settings {
  try {
    return parseNpmrc(readFileSync(path, "utf8"), environment);
  } catch {
    return new Map(); // Absent or unreadable: npm goes on without it too.
  }
}

function projectFolder(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) || existsSync(join(folder, "node_modules"))) return folder;
    if (folder === dirname(folder)) return from;
  }
}

function merge(places: NpmConfigPlaces): Settings {
  const { environment } = places;
  const fromEnvironment = environmentSettings(environment);
  const project = fileSettings(join(projectFolder(places.workingDirectory), ".npmrc"), environment);
  const userFile = fromEnvironment.get("userconfig") ?? join(places.userHome, ".npmrc");
  const user = fileSettings(userFile, environment);
  const binaries = dirname(places.nodeBinary);
  const prefix =
    fromEnvironment.get("prefix") ??
    environment.PREFIX ??
    user.get("prefix") ??
    (process.platform === "win32" ? binaries : dirname(binaries));
  const global = fileSettings(fromEnvironment.get("globalconfig") ?? join(prefix, "etc", "npmrc"), environment);
  return new Map([...global, ...user, ...project, ...fromEnvironment]);
}

/** pacote's options for this machine. @throws FormatError where the configuration names a certificate file that cannot be read. */
export function npmOptions(
  places: NpmConfigPlaces = {
    environment: process.env,
    workingDirectory: process.cwd(),
    userHome: homedir(),
    nodeBinary: process.execPath,
  },
): Options & { readonly registry: string } {
  const settings = merge(places);
  const get = (key: string): string | undefined => {
    const value = settings.get(key);
    return value === undefined || value === "" || value === "null" ? undefined : value;
  };
  const number = (key: string, fallback: number): number => {
    const value = Number(get(key) ?? fallback);
    return Number.isFinite(value) && value >= 0 ? value : fallback;
  };
  const path = (value: string): string =>
    value.startsWith("~/") ? join(places.userHome, value.slice(2)) : resolve(places.workingDirectory, value);
  const options: Record<string, unknown> = {};
  for (const [key, value] of settings) if (key.startsWith("//") || /^@[^:]+:registry$/.test(key)) options[key] = value;
  const given = (name: string, value: unknown): void => {
    if (value !== undefined) options[name] = value;
  };
  const pem = (key: string): string | undefined => get(key)?.replaceAll("\\n", "\n");
  const certificates = get("cafile");
  if (certificates !== undefined) {
    try {
      const bundle = readFileSync(path(certificates), "utf8");
      // One string a certificate: that is how Node's TLS takes a list of authorities.
      options.ca = bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? bundle;
    } catch (cause) {
      throw new FormatError(`npm's configuration names a cafile that cannot be read: ${certificates}`, {
        hint: "Correct it with `npm config set cafile=…` or remove it with `npm config delete cafile`.",
        cause,
      });
    }
  } else given("ca", pem("ca"));
  given("cert", pem("cert"));
  given("key", pem("key"));
  given("httpsProxy", get("https-proxy"));
  given("proxy", get("proxy"));
  given("noProxy", get("noproxy"));
  given("localAddress", get("local-address"));
  given("replaceRegistryHost", get("replace-registry-host"));
  const cache = get("cache");
  if (cache !== undefined) options.cache = join(path(cache), "_cacache");
  return {
    ...options,
    strictSSL: get("strict-ssl") !== "false",
    offline: get("offline") === "true",
    fetchRetries: number("fetch-retries", 2),
    fetchRetryMintimeout: number("fetch-retry-mintimeout", 1_000),
    fetchRetryMaxtimeout: number("fetch-retry-maxtimeout", 10_000),
    timeout: number("fetch-timeout", 300_000),
    registry: get("registry") ?? "https://registry.npmjs.org/",
  };
}
