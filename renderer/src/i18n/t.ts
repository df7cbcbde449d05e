// Every sentence of the window comes from one catalogue through these two functions.
import catalogue from './en.json' with { type: 'json' };

export type TextKey = keyof typeof catalogue;
type CountedKey<K extends string = TextKey> = K extends `${infer Base}_other` ? Base : never;
export type TextValues = Record<string, string | number>;

function fill(template: string, values: TextValues): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The sentence of a key, with `{name}` replaced by values. */
export function t(key: TextKey, values: TextValues = {}): string {
  return fill(catalogue[key], values);
}

/** The sentence of a key with forms for one and for other counts; `{count}` is the number. */
export function tCount(key: CountedKey, count: number, values: TextValues = {}): string {
  const form: TextKey = count === 1 ? `${key}_one` : `${key}_other`;
  return fill(catalogue[form], { count, ...values });
}

/** The sentence of a key that is only known while running (e.g. an error code), or undefined. */
export function tMaybe(key: string, values: TextValues = {}): string | undefined {
  return Object.hasOwn(catalogue, key) ? fill(catalogue[key as TextKey], values) : undefined;
}
