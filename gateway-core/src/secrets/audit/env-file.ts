// Secrets in `.env` files: finding them, and taking out those that moved elsewhere.

const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/;
const SECRET_NAME = /(?:^|_)(?:API_?KEY|TOKEN|PASSWORD|PASSWD|SECRET|SECRET_KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)$/;

export interface EnvLine {
  name: string;
  value: string;
}

function unquote(text: string): string {
  const quoted = /^(["'`])(.*)\1(?:\s*#.*)?$/.exec(text);
  return quoted ? (quoted[2] ?? '') : text.replace(/\s+#.*$/, '');
}

function parseLine(line: string): EnvLine | undefined {
  const match = LINE.exec(line);
  return match?.[1] === undefined ? undefined : { name: match[1], value: unquote(match[2] ?? '') };
}

/** The settings of a `.env` file, in order. */
export function parseEnvFile(text: string): EnvLine[] {
  return text.split(/\r?\n/).flatMap((line) => parseLine(line) ?? []);
}

/** True for the names that credentials have. */
export function isSecretVariable(name: string): boolean {
  return SECRET_NAME.test(name.toUpperCase());
}

/**
 * The text without the lines whose variable has a secret's name and one of `values`; the rest stays as it is.
 * `removed` names the variables that went.
 */
export function scrubEnvText(text: string, values: ReadonlySet<string>): { text: string; removed: string[] } {
  const removed: string[] = [];
  const kept = text.split('\n').filter((line) => {
    const parsed = parseLine(line);
    const goes = parsed !== undefined && isSecretVariable(parsed.name) && values.has(parsed.value);
    if (goes) removed.push(parsed.name);
    return !goes;
  });
  return { text: kept.join('\n'), removed };
}
