/** Settings as they stand in recipes, before anything checks them: read, and laid over one another. */

export type Settings = Readonly<Record<string, unknown>>;

const isSettings = (value: unknown): value is Settings =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands under `a.b`; undefined where nothing does. */
export const settingAt = (settings: Settings, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (isSettings(value) ? value[key] : undefined), settings);

/** The number under `a.b`; undefined where there is none. */
export function numberAt(settings: Settings, path: string): number | undefined {
  const value = settingAt(settings, path);
  return typeof value === "number" ? value : undefined;
}

/** `over` wins, setting by setting; a part of another kind replaces the whole part. */
export function layered(under: Settings, over: Settings): Settings {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    const same = isSettings(below) && isSettings(value) && (value.kind === undefined || value.kind === below.kind);
    merged[key] = same ? layered(below, value) : value;
  }
  return merged;
}
