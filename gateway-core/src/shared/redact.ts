// Keeps secrets out of logs: by the name of a key and by known values.

const SECRET_KEY = /(token|password|passwd|secret|api[-_]?key|authorization|credential|private[-_]?key|signature)$/i;
const BEARER = /\b(Bearer\s+)[A-Za-z0-9._~+/=-]{8,}/gi;
const KEY_LIKE = /\b(sk|pk|rk|xox[abp])-[A-Za-z0-9_-]{12,}/g;
const MASK = '[redacted]';

export interface Redactor {
  /** Masks `value` wherever it appears from now on. Short values are ignored. */
  learn(value: string | undefined): void;
  text(text: string): string;
  value(value: unknown): unknown;
}

export function createRedactor(): Redactor {
  const known = new Set<string>();
  const maskText = (text: string): string => {
    let masked = text.replace(BEARER, `$1${MASK}`).replace(KEY_LIKE, MASK);
    for (const secret of known) if (masked.includes(secret)) masked = masked.replaceAll(secret, MASK);
    return masked;
  };
  const maskValue = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return maskText(value);
    if (value === null || typeof value !== 'object' || depth > 6) return value;
    if (Array.isArray(value)) return value.map((item) => maskValue(item, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        typeof item === 'string' && SECRET_KEY.test(key) ? MASK : maskValue(item, depth + 1),
      ]),
    );
  };
  return {
    learn(value) {
      if (value && value.length >= 8) known.add(value);
    },
    text: maskText,
    value: (value) => maskValue(value, 0),
  };
}
